package dev.parley.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of the server. */
@Command(
    name = "parley",
    description = "One durable log, many wires: a self-hosted real-time server.",
    subcommands = {
      ServeCommand.class,
      ConfigCommand.class,
      TokenCommand.class,
      VersionCommand.class,
      RehearseCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Examples:",
      "  parley serve                        on http://localhost:8080, data in ./data",
      "  parley serve --port 9000 --data /var/lib/parley",
      "  parley serve --set hub.shards=4     any key of the configuration",
      "  parley config                       what is in force, and who set it",
      "  parley token --secret-file key --read 'chat/*' --ttl 1h"
    })
public final class Main {
  /** The arguments or the configuration cannot be used. */
  static final int USAGE = 2;

  /** The server could not start or run. */
  static final int FAILURE = 1;

  @CommandLine.Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  private Main() {}

  public static void main(String[] args) {
    if (System.getProperty("java.util.logging.config.file") == null) {
      System.setProperty(
          "java.util.logging.SimpleFormatter.format", "%1$tF %1$tT.%1$tL %4$-7s %5$s (%3$s)%6$s%n");
    }
    int code = run(args);
    if (code != ServeCommand.RUNNING) {
      System.exit(code);
    }
  }

  static int run(String... args) {
    return commandLine().execute(args.length == 0 ? new String[] {"--help"} : args);
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.setExecutionExceptionHandler((exception, command, result) -> {
      Complaint complaint = Complaint.of(exception);
      complaint.lines().forEach(command.getErr()::println);
      command.getErr().flush();
      return complaint.exitCode();
    });
    return commandLine;
  }
}
