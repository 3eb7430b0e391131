package dev.parley.server;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Starts the server and leaves it running until a signal. */
@Command(
    name = "serve",
    description = "Start the server.",
    mixinStandardHelpOptions = false,
    footer = {
      "",
      "Examples:",
      "  parley serve --port 9000 --data /var/lib/parley",
      "  parley serve --config parley.yaml --set access.allow-origins=https://app.example",
      "  parley serve --set access.secret-file=key --host 0.0.0.0",
      "",
      "Ctrl-C stops in order: it finishes commits and tells followers to come back."
    })
final class ServeCommand implements Callable<Integer> {
  /** Not an exit code: the server runs on. */
  static final int RUNNING = -1;

  @Mixin private ConfigOptions options = new ConfigOptions();

  @picocli.CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    ServerConfig config = options.load().config();
    ParleyServer server = ParleyServer.start(config);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().name("parley-stop").unstarted(() -> stop(server, out)));
    out.println("Parley is ready after " + sinceStartMillis() + " ms: " + server.uri());
    out.println("  console  " + server.uri() + "/");
    out.println("  streams  " + server.uri() + "/v1/stream/{path}");
    out.println(
        "  data     "
            + switch (config.server().store()) {
              case MEMORY -> "in memory only";
              case ROCKSDB -> config.rocksdb().folder().toAbsolutePath().normalize().toString();
            });
    out.flush();
    return RUNNING;
  }

  private static void stop(ParleyServer server, PrintWriter out) {
    out.println("Stopping: finishing commits, telling followers to come back.");
    out.flush();
    int code = 0;
    try {
      server.drain();
      out.println("Stopped.");
    } catch (RuntimeException e) {
      code = Main.FAILURE;
      Complaint.of(e).lines().forEach(out::println);
    }
    out.flush();
    // A stop that was asked for and went well ends with 0, which the JVM has no other way to say
    // after a signal.
    Runtime.getRuntime().halt(code);
  }

  private static long sinceStartMillis() {
    return System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
  }
}
