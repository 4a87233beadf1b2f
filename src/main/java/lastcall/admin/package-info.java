/**
 * What people may see and do in the outbox: find e-mails, send them again, cancel them, pause all
 * of it. {@link lastcall.admin.OutboxAdmin} does it on a connection of its own, in the service and
 * in commands beside it. Every query reads a bounded number of rows, and every action is done in
 * short transactions.
 */
package lastcall.admin;
