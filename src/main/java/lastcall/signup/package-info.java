/**
 * A sign-up, from the valid request to the commit: the password's hash, the row, and what became of
 * the sign-up. It knows the store, and neither HTTP nor SMTP.
 */
package lastcall.signup;
