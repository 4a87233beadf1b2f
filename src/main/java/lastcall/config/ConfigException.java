package lastcall.config;

import java.util.List;

/** Everything that is wrong with the configuration, one sentence each. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1;
  private final transient List<String> errors;

  public ConfigException(List<String> errors) {
    super(String.join("\n", errors));
    this.errors = List.copyOf(errors);
  }

  public List<String> errors() {
    return errors;
  }
}
