package lastcall.signup;
/** placeholder */
final class EmailAddress {
  static String key(String s) { return s; }
}
