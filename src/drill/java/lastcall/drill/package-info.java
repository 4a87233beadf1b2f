/**
 * The drill: starts the service as a process of its own, loads it with sign-ups, ends it with a
 * real signal, and compares three ledgers: what the clients read, what the database holds, and what
 * the drill's mail server took. It knows the service by its command line, its log and its rows.
 */
package lastcall.drill;
