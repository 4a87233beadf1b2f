package lastcall.mail;

/**
 * What is needed to write one e-mail.
 *
 * @param messageId without angle brackets; the same on every try, so that a duplicate can be
 *     recognised
 * @param kind the name of its kind
 * @param to the address as the user gave it, with an ASCII local part and a punycoded domain
 * @param data as its row keeps it: a line for each of the kind's fields, any Unicode without
 *     control characters
 */
public record OutgoingMail(String messageId, String kind, String to, String data) {
  @Override
  public String toString() {
    return "OutgoingMail[" + messageId + "]"; // without address and data
  }
}
