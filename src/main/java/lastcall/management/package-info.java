/**
 * What an operator and a probe see, on a port of its own: whether this process is alive, ready and
 * started. This server starts before the API and is never stopped, so that it answers to the end of
 * the stop.
 */
package lastcall.management;
