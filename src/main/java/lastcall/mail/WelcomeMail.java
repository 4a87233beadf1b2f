package lastcall.mail;

/**
 * What is needed to write one welcome e-mail.
 *
 * @param messageId without angle brackets; the same on every try, so that a duplicate can be
 *     recognised
 * @param to the address as the user gave it, with an ASCII local part and a punycoded domain
 * @param name the user's name as given, any Unicode without control characters
 */
public record WelcomeMail(String messageId, String to, String name) {}
