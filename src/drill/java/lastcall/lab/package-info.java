/**
 * What the drill holds against the service. StrategyMain is a service without an outbox: each
 * sign-up is a task in memory, and a strategy says what becomes of such tasks at the stop.
 * CrashMain is the service as it ships, which ends itself at a crash point.
 */
package lastcall.lab;
