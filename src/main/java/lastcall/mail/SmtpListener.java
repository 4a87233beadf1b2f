package lastcall.mail;

/** Is told how far each send has come, on the thread that sends. It must not block that thread. */
public interface SmtpListener {
  SmtpListener NONE =
      new SmtpListener() {
        @Override
        public void awaiting(SmtpPhase phase) {}

        @Override
        public void answered(SmtpPhase phase, int code) {}
      };

  static SmtpListener both(SmtpListener first, SmtpListener second) {
    return new SmtpListener() {
      @Override
      public void awaiting(SmtpPhase phase) {
        first.awaiting(phase);
        second.awaiting(phase);
      }

      @Override
      public void answered(SmtpPhase phase, int code) {
        first.answered(phase, code);
        second.answered(phase, code);
      }
    };
  }

  /** The command or text of this phase is sent; its answer is read next. */
  void awaiting(SmtpPhase phase);

  /**
   * @param code 0 if there was no answer, or none that is SMTP
   */
  void answered(SmtpPhase phase, int code);
}
