package dev.parley.toolcall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.run.ToolCall;
import dev.parley.conversation.run.ToolOutcome;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Servers and who calls them, under a clock that stands still and pauses that take no time. When it
 * is closed, it has seen to it that neither a secret nor what a server said is in the log.
 */
final class Trial {
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-22T05:00:00Z"));
  private final Logged logged = new Logged();
  private volatile Runnable inAPause = () -> {};

  /** Hears everything that is logged. */
  private static final class Logged extends Handler {
    // Held: the runtime forgets loggers, and their levels, that nobody holds.
    private final List<Logger> loggers =
        List.of(
            Logger.getLogger(""),
            Logger.getLogger("dev.parley"),
            Logger.getLogger("jdk.httpclient"));
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Logged() {
      setLevel(Level.ALL);
      loggers.getFirst().addHandler(this);
      loggers.get(1).setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord entry) {
      StringBuilder line = new StringBuilder(String.valueOf(entry.getMessage()));
      for (Throwable each = entry.getThrown(); each != null; each = each.getCause()) {
        line.append(' ').append(each);
      }
      lines.add(line.toString());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      loggers.getFirst().removeHandler(this);
      loggers.get(1).setLevel(null);
    }
  }

  ToolServer server(ToolServer.Reaction... reactions) {
    return open(new ToolServer(reactions));
  }

  <T extends AutoCloseable> T open(T resource) {
    open.add(resource);
    return resource;
  }

  HttpToolBackend calling(ToolServer server) {
    return calling(config(server.uri(), Duration.ofSeconds(30)));
  }

  HttpToolBackend calling(ToolsConfig config) {
    return open(
        new HttpToolBackend(
            config,
            this::now,
            pause -> {
              pauses.add(pause);
              now.set(now().plus(pause).plusSeconds(1));
              inAPause.run();
            },
            () -> 0.5));
  }

  static ToolsConfig config(URI url, Duration timeout) {
    return new ToolsConfig(url, SECRET, null, timeout, 4, 1 << 20, 256, 10_000);
  }

  Instant now() {
    return Objects.requireNonNull(now.get());
  }

  List<Duration> pauses() {
    return pauses;
  }

  void inAPause(Runnable action) {
    inAPause = action;
  }

  List<String> log() {
    return logged.lines;
  }

  static ToolCall call(String arguments) {
    return call("run-1", "call_0", arguments, 1);
  }

  static ToolCall call(String run, String call, String arguments, int attempt) {
    return new ToolCall(
        "talk", run, call, "weather", arguments, "alice", new PersonaRef("guide", 3), attempt);
  }

  static void assertFailed(ToolOutcome outcome, ToolOutcome.Reason reason) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            ToolOutcome.Failed.class,
            it -> {
              assertThat(it.reason()).as(it.message()).isEqualTo(reason);
              assertThat(it.message()).doesNotContain("hunter2", "127.0.0.1", "also-secret");
            });
  }

  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    logged.close();
    assertThat(logged.lines)
        .noneMatch(line ->
            line.contains("MfKQ9r8G") || line.contains("also-secret") || line.contains("hunter2"));
  }
}
