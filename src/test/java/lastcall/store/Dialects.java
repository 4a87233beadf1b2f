package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Dialects that tests look through. */
final class Dialects {
  private Dialects() {}

  /** The real one, but for what is overridden. */
  interface Through extends Dialect {
    Dialect real();

    @Override
    default Connection connect(boolean create) throws SQLException {
      return real().connect(create);
    }

    @Override
    default @Nullable Object fileKey() {
      return real().fileKey();
    }

    @Override
    default String now() {
      return real().now();
    }

    @Override
    default String findSchema() {
      return real().findSchema();
    }

    @Override
    default String lockSchema() {
      return real().lockSchema();
    }

    @Override
    default String skipLocked() {
      return real().skipLocked();
    }

    @Override
    default boolean shared() {
      return real().shared();
    }
  }

  /** Changes each connection on its way. */
  record Connecting(Dialect real, UnaryOperator<Connection> change) implements Through {
    @Override
    public Connection connect(boolean create) throws SQLException {
      return change.apply(real.connect(create));
    }
  }

  /** A database whose clock is ahead. */
  record Ahead(Dialect real, AtomicLong millis) implements Through {
    @Override
    public String now() {
      return "(" + real.now() + " + " + millis + ")";
    }
  }
}
