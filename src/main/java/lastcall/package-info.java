/**
 * The service: its command line (Main), its parts (App), its stop (AppStop), and the lock that
 * keeps a second process off the same database file. This package knows all others, and none knows
 * it.
 */
package lastcall;
