package lastcall.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import lastcall.config.AppConfig;

/** The databases that tests run on. */
public enum Engine {
  SQLITE,
  POSTGRES;

  /** A new database; skips the test where there is none. */
  public AppConfig.Store create(Path directory) throws IOException, SQLException {
    return switch (this) {
      case SQLITE -> AppConfig.Store.sqlite(directory.resolve("lastcall.db"));
      case POSTGRES -> PostgresServer.shared().create();
    };
  }

  public void drop(AppConfig.Store database) throws IOException, SQLException {
    if (this == POSTGRES) {
      PostgresServer.shared().drop(database);
    }
  }
}
