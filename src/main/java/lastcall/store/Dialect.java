package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import lastcall.config.AppConfig;
import org.jspecify.annotations.Nullable;

/** What differs from one database to the next: how to connect, the clock, how rows are claimed. */
public interface Dialect {
  static Dialect of(AppConfig.Store config) {
    return config.file() == null
        ? new Postgres(
            config,
            // Stable within a statement: clock_timestamp() could not be looked up in an index.
            "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)",
            "SELECT to_regclass('schema_version')",
            // Any number, the same for all instances. The statement's timeout bounds the wait.
            "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(7526174)",
            true)
        : new Sqlite(
            config.file(),
            "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            "SELECT MAX(name) FROM sqlite_master WHERE name = 'schema_version'",
            "SELECT 1", // BEGIN IMMEDIATE has the write lock
            false);
  }

  /**
   * In auto-commit mode: no transaction, and no lock, is held until one is asked for.
   *
   * @param create only at the start: an empty file must not take the place of one that is gone
   */
  Connection connect(boolean create) throws SQLException;

  /** Tells the database's file from any other that stands at its path; null if there is none. */
  default @Nullable Object fileKey() {
    return null;
  }

  /** An SQL expression: the database's clock in milliseconds since 1970. */
  String now();

  /** A query of one value, which is null in a database without our tables. */
  String findSchema();

  /** A statement that lets only one instance at a time change the schema, until it commits. */
  String lockSchema();

  /** Appended to the inner SELECT of a claim, so that instances don't wait for each other. */
  default String skipLocked() {
    return shared() ? "FOR UPDATE SKIP LOCKED" : "";
  }

  /** True if other processes may hold claims of their own in this database. */
  boolean shared();
}
