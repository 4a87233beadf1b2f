/**
 * What operators and probes see, on a port of its own: health, metrics, and the pages with their
 * JSON. It hears of the work by listeners and reads the database over a connection of its own;
 * nothing asks it anything. This server starts before the API and is never stopped, so that it
 * answers to the end of the stop.
 */
package lastcall.management;
