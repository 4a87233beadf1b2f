package lastcall.admin;

/** E-mail addresses as they are shown to people who have not asked for them. */
public final class Addresses {
  private Addresses() {}

  /** {@code ada@example.org} is {@code a…@e….org}. */
  public static String mask(String address) {
    int at = address.lastIndexOf('@');
    if (at < 1) {
      return "…";
    }
    String domain = address.substring(at + 1);
    int dot = domain.lastIndexOf('.');
    return first(address) + "…@" + first(domain) + "…" + (dot < 0 ? "" : domain.substring(dot));
  }

  private static String first(String text) {
    return text.isEmpty() ? "" : text.substring(0, text.offsetByCodePoints(0, 1));
  }
}
