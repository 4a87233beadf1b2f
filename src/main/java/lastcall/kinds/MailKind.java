package lastcall.kinds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A kind of e-mail. Its two templates are {@code lastcall/mail/NAME.txt} and {@code NAME.html} in
 * the jar.
 *
 * @param name as it stands in the rows of the outbox; it never changes, or rows could not be sent
 * @param fields what the templates name as {@code {field}}; a new one goes behind the others, since
 *     rows of an older version lack it
 * @param <D> the record of data
 */
public record MailKind<D>(String name, String subject, List<Field<D>> fields) {
  /**
   * @param most so many characters of it are shown, as people count them
   */
  public record Field<D>(String name, int most, Function<D, String> value) {}

  public MailKind(String name, String subject) {
    this(name, subject, List.of());
  }

  /** The same with one more field. */
  public MailKind<D> with(String field, int most, Function<D, String> value) {
    Stream<Field<D>> more = Stream.of(new Field<>(field, most, value));
    return new MailKind<>(name, subject, Stream.concat(fields.stream(), more).toList());
  }

  /** As the row keeps it: a line for each field. So that of a welcome e-mail is the plain name. */
  public String data(D data) {
    return fields.stream()
        .map(field -> field.value().apply(data).replace('\n', ' '))
        .collect(Collectors.joining("\n"));
  }

  /** What {@link #data} has written: a value for each field, "" for one that the row lacks. */
  public List<String> values(String row) {
    List<String> values = new ArrayList<>(Arrays.asList(row.split("\n", fields.size())));
    while (values.size() < fields.size()) {
      values.add("");
    }
    return values;
  }
}
