package lastcall.mail;

/** Whose trouble it is that an e-mail was not taken. */
public enum Fault {
  /** This recipient's, or this text's: other e-mails may go through. */
  RECIPIENT,
  /** The server's, or ours as its client: no e-mail would go through now. */
  SERVER,
  /** Our user name or password. Each further try may have us locked out. */
  LOGIN
}
