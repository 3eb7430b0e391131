package dev.parley.testkit.upstream;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Entry of the upstream's process. */
@Command(
    name = "upstream",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Speaks HTTP as model providers do, and says what the model's name asks for, such as",
      "scripted?tokens=300&rate=30&first=20ms. The README has the grammar. Prints its address once it listens."
    })
public final class Upstream implements Callable<Integer> {
  @Option(
      names = "--port",
      defaultValue = "0",
      description = "0 for any free one (default: ${DEFAULT-VALUE})")
  private int port;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "address to listen on (default: ${DEFAULT-VALUE})")
  private String host = "";

  @Option(
      names = "--log",
      description = "file for a line of JSON about each request and end of a reply")
  private @Nullable Path log;

  @Option(
      names = "--loops",
      defaultValue = "1",
      description = "event loops (default: ${DEFAULT-VALUE})")
  private int loops;

  @Option(
      names = "--tick",
      defaultValue = "PT0.001S",
      description =
          "what falls due within one is written together (ISO 8601; default: ${DEFAULT-VALUE})")
  private Duration tick = Duration.ofMillis(1);

  @Option(
      names = "--max-streams",
      defaultValue = "100",
      description = "of one HTTP/2 connection (default: ${DEFAULT-VALUE})")
  private int maxStreams;

  @Spec private @Nullable CommandSpec spec;

  public static void main(String[] args) {
    System.exit(new CommandLine(new Upstream()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    RequestLog requests = log == null ? RequestLog.none() : RequestLog.to(log);
    var config = new UpstreamServer.Config(host, port, loops, tick.toNanos(), maxStreams);
    try (UpstreamServer server = UpstreamServer.start(config, requests)) {
      if (spec != null) {
        var out = spec.commandLine().getOut();
        out.println("Upstream listens on " + server.uri());
        out.flush();
      }
      server.awaitClose();
    }
    return 0;
  }
}
