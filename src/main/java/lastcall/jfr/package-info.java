/**
 * Events for the JDK's flight recorder: sends, claims, commits and the phases of the stop. They
 * hold ids and outcomes, and no address and no name. Without a recording they cost one look at a
 * flag.
 */
package lastcall.jfr;
