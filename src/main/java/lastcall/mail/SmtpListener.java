package lastcall.mail;

/** Hears how far each send has come, on the thread that sends: be quick. */
public interface SmtpListener {
  SmtpListener NONE =
      new SmtpListener() {
        @Override
        public void awaiting(SmtpPhase phase) {}

        @Override
        public void answered(SmtpPhase phase, int code) {}
      };

  /** All that belongs to this phase is sent, and its answer is waited for. */
  void awaiting(SmtpPhase phase);

  /**
   * @param code 0 for none, or nonsense
   */
  void answered(SmtpPhase phase, int code);
}
