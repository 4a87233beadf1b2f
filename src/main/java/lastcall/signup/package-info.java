/**
 * A sign-up, from the fields that a client sent to the commit: which names, addresses and passwords
 * are valid, the password's hash, and what became of the sign-up. It knows the store, and neither
 * HTTP nor SMTP.
 */
package lastcall.signup;
