package lastcall.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Dialects that tests look through. */
final class Dialects {
  private Dialects() {}

  /** Changes each connection on its way. */
  record Connecting(Dialect real, UnaryOperator<Connection> change) implements Dialect {
    @Override
    public Connection connect(boolean create) throws SQLException {
      return change.apply(real.connect(create));
    }

    @Override
    public @Nullable Object fileKey() {
      return real.fileKey();
    }

    @Override
    public String now() {
      return real.now();
    }

    @Override
    public String lockSchema() {
      return real.lockSchema();
    }

    @Override
    public String skipLocked() {
      return real.skipLocked();
    }

    @Override
    public boolean shared() {
      return real.shared();
    }
  }
}
