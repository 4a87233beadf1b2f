package lastcall.background;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * To ignore what the method returns is an error. Error Prone finds that, by this simple name: it
 * runs in the profile lint. A library with the same annotation would be one more to copy along.
 */
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
@interface CheckReturnValue {}
