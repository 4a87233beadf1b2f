package lastcall.background;

/** What the owner thread does with its scope, between opening and joining it. */
interface ScopeOwner {
  /**
   * Forks until there will be no more to fork, and waits for the tasks as long as it sees fit.
   *
   * @return true when no task runs any more; false has those that do interrupted
   */
  boolean own(Forks scope) throws InterruptedException;

  interface Forks {
    /**
     * Starts the task on a thread of its own. Only the owner may.
     *
     * @return false when the scope is cancelled and has most likely dropped the task
     */
    boolean fork(Runnable task);
  }
}
