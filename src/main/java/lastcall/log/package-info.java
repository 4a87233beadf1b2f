/**
 * Log lines in logfmt on stdout. A class writes events with {@link lastcall.log.EventLog}, which
 * renders them and hands them to {@code System.Logger}. {@link lastcall.log.Logging} sends those
 * lines, and the warnings of libraries, to one thread that writes them. No other thread ever waits
 * for whoever reads stdout: when too much is queued, lines are dropped and counted.
 */
package lastcall.log;
