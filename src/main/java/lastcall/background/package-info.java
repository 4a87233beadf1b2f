/**
 * Work that outlives the request that asked for it: one structured scope for the whole application,
 * with a limit, and with an end that has a deadline. It knows no other package, so that it can be
 * copied: see docs/copying.md.
 */
package lastcall.background;
