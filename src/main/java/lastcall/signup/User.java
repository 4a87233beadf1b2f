package lastcall.signup;

import java.time.Instant;

/**
 * A stored user, as the API shows it.
 *
 * @param id a random UUID
 * @param createdAt in milliseconds, by the database's clock
 */
public record User(String id, Instant createdAt, String name, String email) {}
