/**
 * The end of a process: signals, phases with bounds, and deadlines that no wall clock moves. It
 * knows no other package, so that it can be copied: see docs/copying.md.
 */
package lastcall.shutdown;
