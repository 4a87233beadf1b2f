/**
 * How e-mails leave the outbox. The dispatcher claims due rows, a delivery sends each on a slot of
 * the background scope and hands its result to the writer, leases keep other owners away meanwhile,
 * and the mailer's gate holds sends back while the server is in trouble. At the stop: drain, cut,
 * release.
 *
 * <p>One listener hears of everything that happens here. It must not block.
 */
package lastcall.outbox;
