package lastcall.testing;

import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.TYPE;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rows of the promise that a test proves, such as {@code "P1"}. A house rule reads it from the
 * source.
 */
@Retention(RetentionPolicy.SOURCE)
@Target({METHOD, TYPE})
public @interface Proves {
  String[] value();
}
