package dev.parley.conversation.run;

import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.EventJson;
import dev.parley.hub.Hub;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The conversations of one event loop: opened when they are asked for, let go of when nobody has
 * asked for a while and nothing runs. Confined to the loop, but for {@link #run} and what never
 * changes.
 */
final class Desk {
  private static final System.Logger LOG = System.getLogger(Desk.class.getName());

  private final ScheduledExecutorService loop;
  private final Hub hub;
  private final RunConfig config;
  private final ConversationLimits limits;
  private final Models models;
  private final ToolBackend tools;
  private final EventJson json;
  private final InstantSource clock;
  private final String owner;
  private final Pen pen;
  private final Map<String, Talk> talks = new HashMap<>();
  private volatile @Nullable Thread thread; // the loop's, once known

  Desk(
      ScheduledExecutorService loop,
      Hub hub,
      RunConfig config,
      ConversationLimits limits,
      Models models,
      ToolBackend tools,
      EventJson json,
      InstantSource clock,
      String owner) {
    this.loop = loop;
    this.hub = hub;
    this.config = config;
    this.limits = limits;
    this.models = models;
    this.tools = tools;
    this.json = json;
    this.clock = clock;
    this.owner = owner;
    this.pen = new Pen(loop, config);
  }

  void start() {
    loop.execute(() -> thread = Thread.currentThread());
    long idle = config.idle().toMillis();
    var _ =
        loop.scheduleWithFixedDelay(
            this::sweep, idle, Math.max(1, idle / 2), TimeUnit.MILLISECONDS);
    long lease = config.lease().toMillis();
    var _ =
        loop.scheduleWithFixedDelay(
            () -> talks.values().forEach(Talk::renew), lease / 4, lease / 4, TimeUnit.MILLISECONDS);
  }

  Hub hub() {
    return hub;
  }

  RunConfig config() {
    return config;
  }

  ConversationLimits limits() {
    return limits;
  }

  Models models() {
    return models;
  }

  ToolBackend tools() {
    return tools;
  }

  EventJson json() {
    return json;
  }

  /** This life of this process. */
  String owner() {
    return owner;
  }

  long now() {
    return clock.millis();
  }

  Pen pen() {
    return pen;
  }

  /** Any thread: at once when it is the loop's, else soon. */
  void run(Runnable task) {
    if (Thread.currentThread() == thread) {
      task.run();
    } else {
      execute(task);
    }
  }

  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a loop ended before a conversation was done");
    }
  }

  void after(long time, TimeUnit unit, Runnable task) {
    try {
      var _ = loop.schedule(task, time, unit);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a loop ended before a conversation was done");
    }
  }

  /** The conversation of that name, open or being opened, whether or not there is one. */
  Talk talk(String conversation) {
    Talk talk = talks.get(conversation);
    if (talk == null) {
      talk = new Talk(this, conversation);
      talks.put(conversation, talk);
      talk.load();
    }
    talk.touch(System.nanoTime());
    return talk;
  }

  /** How many are open. */
  int open() {
    return talks.size();
  }

  private void sweep() {
    long before = System.nanoTime() - config.idle().toNanos();
    for (Talk talk : new ArrayList<>(talks.values())) {
      if (talk.isIdleSince(before)) {
        talks.remove(talk.id());
      }
    }
  }

  /** It is of no use any more, as when there is no such conversation. */
  void forget(Talk talk) {
    talks.remove(talk.id(), talk);
  }

  /** Ends what is generated; streams stay open, for who comes next. */
  void stop() {
    talks.values().forEach(Talk::stop);
    talks.clear();
  }
}
