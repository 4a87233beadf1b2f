/**
 * What a client sees: {@code POST /v1/users}, its JSON, the sign-up page, which names, addresses
 * and passwords are valid, and the answers. {@code SignupEndpoint} turns a request into a call of
 * {@code signup}, and the outcome into an answer. Nothing here knows the database or the mail
 * server.
 */
package lastcall.api;
