package lastcall.drill;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the database does under load. */
sealed interface DatabaseTrouble {
  String text();

  /**
   * The user's server breaks off.
   *
   * @param restart and starts again, by pg_ctl; or else it ends the connections
   * @param data its directory, for the restart
   * @param pgCtl the program, a path or a name
   */
  record OnServer(boolean restart, Path data, String pgCtl) implements DatabaseTrouble {
    @Override
    public String text() {
      return restart ? "restart" : "terminate";
    }

    /** Returns when the server takes connections again. */
    void make(Rows rows) throws IOException, InterruptedException, SQLException {
      if (!restart) {
        rows.select(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                + " AND application_name = current_setting('application_name')");
        return;
      }
      List<String> command = new ArrayList<>();
      String owner = Files.getOwner(data).getName();
      if (!owner.equals(System.getProperty("user.name"))) { // pg_ctl refuses to be root
        command.addAll(List.of("runuser", "-u", owner, "--"));
      }
      command.addAll(List.of(pgCtl, "restart", "-D", data.toString(), "-m", "immediate", "-w"));
      Process process = // the server inherits them, and outlives us
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectOutput(Redirect.DISCARD)
              .redirectError(Redirect.DISCARD)
              .start();
      if (!process.waitFor(90, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + " failed");
      }
    }
  }

  /**
   * A standby of a pair that the drill starts takes the place of its primary.
   *
   * @param readOnly the primary stays, and takes no writes; or else it is stopped
   * @param synchronous whether each commit waits for the standby
   * @param bin where PostgreSQL's programs are
   */
  record OnPair(boolean readOnly, boolean synchronous, Path bin) implements DatabaseTrouble {
    @Override
    public String text() {
      return (readOnly ? "read-only" : "failover") + (synchronous ? "" : " async");
    }
  }
}
