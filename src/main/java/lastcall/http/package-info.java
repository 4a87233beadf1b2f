/**
 * The HTTP servers: their limits, which requests are admitted, and how they stop. Everything that
 * has to do with Helidon's insides is here, and docs/helidon.md says what is wrong with those and
 * what we do about it. The packages {@code api} and {@code management} add the routes.
 *
 * <p>{@code PublicServer} is where to begin: its states serving, leaving, refusing and closing are
 * the first half of the stop. {@code TimedConnection} is the life of one connection.
 */
package lastcall.http;
