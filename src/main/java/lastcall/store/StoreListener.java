package lastcall.store;

/** Hears of what the writer does, on the writer's thread: be quick. */
public interface StoreListener {
  StoreListener NONE = event -> {};

  void on(StoreEvent event);
}
