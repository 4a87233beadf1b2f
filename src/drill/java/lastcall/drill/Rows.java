package lastcall.drill;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;

/**
 * What stands in a service's database, seen and changed as any other reader would.
 *
 * @param user empty with SQLite, as the password
 */
public record Rows(String url, String user, String password) {
  /** Of e-mails that are to be sent, claimed or not. */
  static final String DUE = "outbox WHERE state = 'due'";

  /** Through SQLite. */
  public Rows(Path file) {
    this("jdbc:sqlite:" + file + "?busy_timeout=10000", "", "");
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url, user, password);
  }

  /** The first column, all rows. */
  public Set<String> select(String sql) throws SQLException {
    Set<String> values = new TreeSet<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }

  /** Counts the rows of {@code FROM …}. */
  public int count(String from) throws SQLException {
    return Integer.parseInt(select("SELECT COUNT(*) FROM " + from).iterator().next());
  }

  public int update(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  /** The addresses of all users. */
  public Set<String> users() throws SQLException {
    return select("SELECT email FROM users");
  }

  /** Users that have not exactly one e-mail, and e-mails without a user. */
  int halfDone() throws SQLException {
    String odd =
        "(SELECT users.id FROM users LEFT JOIN outbox ON outbox.user_id = users.id"
            + " GROUP BY users.id HAVING COUNT(outbox.user_id) <> 1) AS odd";
    String gone = "outbox WHERE user_id NOT IN (SELECT id FROM users) AND user_id <> 'gone'";
    return count(odd) + count(gone); // those of Preload.insertOld are meant to have no user
  }

  /** The addresses whose e-mail is due, claimed or not. */
  public Set<String> due() throws SQLException {
    return select(
        "SELECT email FROM users JOIN outbox ON outbox.user_id = users.id WHERE state = 'due'");
  }
}
