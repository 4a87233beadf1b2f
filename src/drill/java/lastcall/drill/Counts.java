package lastcall.drill;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import lastcall.drill.SignupClient.Answer;
import lastcall.drill.Sink.Mail;

/**
 * The three ledgers, held against each other.
 *
 * @param lost a 202 that a client read, never accepted by the sink, and not due in the database
 * @param kept due in the database
 * @param duplicates how often the sink took an e-mail beyond the first time
 * @param accepted 202 that a client read
 * @param delivered recipients from whom the sink took an e-mail
 * @param refused answers that were not 202
 * @param cutOff requests that were sent and got no answer, or half a one
 * @param unanswered users in the database whose client read no 202
 * @param strange what can't be: e-mails nobody has signed up for, without a Message-ID, with that
 *     of another recipient, or with another one than before
 */
record Counts(
    int lost,
    int kept,
    int duplicates,
    int accepted,
    int delivered,
    int refused,
    int cutOff,
    int unanswered,
    int strange) {
  /**
   * @param requests how each sign-up ended, by address
   * @param users addresses in the database
   * @param due addresses whose e-mail is due in the database
   * @param taken by the sink, and how often
   */
  static Counts of(
      Map<String, Integer> requests, Set<String> users, Set<String> due, Map<Mail, Integer> taken) {
    Set<String> accepted = new HashSet<>();
    int cutOff = 0;
    for (Map.Entry<String, Integer> request : requests.entrySet()) {
      int status = request.getValue();
      if (status == 202) {
        accepted.add(request.getKey());
      } else if (status == Answer.UNANSWERED || status == Answer.TORN) {
        cutOff++;
      }
    }
    Set<String> delivered = new HashSet<>();
    Set<String> ids = new HashSet<>();
    int messages = 0;
    int strange = 0;
    for (Map.Entry<Mail, Integer> entry : taken.entrySet()) {
      Mail mail = entry.getKey();
      messages += entry.getValue();
      strange += requests.containsKey(mail.recipient()) ? 0 : 1;
      strange += mail.id().isEmpty() ? 1 : 0;
      strange += delivered.add(mail.recipient()) ? 0 : 1; // again, with another Message-ID
      strange += ids.add(mail.id()) ? 0 : 1; // another recipient's
    }
    return new Counts(
        (int) accepted.stream().filter(a -> !delivered.contains(a) && !due.contains(a)).count(),
        due.size(),
        messages - delivered.size(),
        accepted.size(),
        delivered.size(),
        requests.size() - accepted.size() - cutOff,
        cutOff,
        (int) users.stream().filter(u -> !accepted.contains(u)).count(),
        strange);
  }
}
