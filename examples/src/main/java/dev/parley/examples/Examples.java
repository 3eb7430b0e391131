package dev.parley.examples;

import dev.parley.server.ParleyServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line of the examples. */
@Command(
    name = "example",
    description = "Programs with a Parley server inside. Without a name: embedded.",
    mixinStandardHelpOptions = true)
public final class Examples implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  private Examples() {}

  public static void main(String[] args) {
    int code = new CommandLine(new Examples()).execute(args);
    if (code != 0) {
      System.exit(code);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    embedded();
    return 0;
  }

  @Command(description = "Starts a server, follows a stream, appends to it, and ends.")
  void embedded() throws IOException, InterruptedException {
    EmbeddedServer.run(out());
  }

  @Command(
      description =
          "Engine.IO at /engine.io/ and Socket.IO at /socket.io/ as the official suites expect them.",
      mixinStandardHelpOptions = true)
  void conformance(@Option(names = "--port", defaultValue = "3000") int port) {
    serve(ConformanceServer.start(port));
  }

  @Command(
      description = {
        "Answers events; for load generators and other people's tests.",
        "  message ARGS…           → message-back ARGS…",
        "  message-with-ack ARGS…  → its answer: ARGS…",
        "  join ROOM, leave ROOM",
        "  publish ROOM PAYLOAD    → message PAYLOAD to all in the room"
      },
      mixinStandardHelpOptions = true)
  void echo(
      @Option(names = "--port", defaultValue = "3000") int port,
      @Option(
              names = "--recovery",
              description = "Sockets recover what they missed for 2 minutes, also after a crash.")
          boolean recovery,
      @Option(names = "--data", description = "Where it is kept; in memory when not said.")
          @Nullable Path data) {
    serve(EchoServer.start(port, recovery, data));
  }

  @Command(
      description =
          "A chat for the browser: rooms, history, and nothing lost when the server dies.",
      mixinStandardHelpOptions = true)
  void chat(
      @Option(names = "--port", defaultValue = "3000") int port,
      @Option(
              names = "--data",
              defaultValue = "data-chat",
              description = "Where what is said is kept; ${DEFAULT-VALUE} when not said.")
          Path data) {
    ParleyServer server = ChatServer.start(port, data);
    out().println("The chat: " + server.uri() + "/chat");
    serve(server);
  }

  @Command(
      description =
          "What the suites of testkit/clients/socketio ask for, recovery above all; their README"
              + " lists its events.",
      hidden = true,
      mixinStandardHelpOptions = true)
  void lab(
      @Option(names = "--port", defaultValue = "3000") int port,
      @Option(names = "--data", description = "Where it is kept; in memory when not said.")
          @Nullable Path data,
      @Option(
              names = "--window",
              defaultValue = "120000",
              description = "Milliseconds a socket may be away; default: ${DEFAULT-VALUE}.")
          long window,
      @Option(
              names = "--middlewares",
              defaultValue = "skip",
              description = "run: also for a socket that recovers; default: ${DEFAULT-VALUE}.")
          String middlewares) {
    serve(LabServer.start(port, data, Duration.ofMillis(window), middlewares.equals("skip")));
  }

  private void serve(ParleyServer server) {
    out().println("Listening on " + server.uri() + "  (Ctrl-C ends it)");
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              server.drain();
              ended.countDown();
            }));
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private PrintWriter out() {
    CommandSpec mine = spec;
    if (mine == null) {
      throw new IllegalStateException("no command line");
    }
    return mine.commandLine().getOut();
  }
}
