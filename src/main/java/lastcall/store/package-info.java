/**
 * The database: users and the outbox, the table of welcome e-mails. One writer thread runs all
 * statements and commits many calls at a time. The rows are the truth about every e-mail; what
 * other packages keep in memory is a hint.
 */
package lastcall.store;
