package dev.parley.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** Entry of {@code ./parley bench}. */
@Command(
    name = "parley bench",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    description = {
      "Measures a real server from another process and prints a table.",
      "The generator shares the machine with the server: read ratios, not absolute figures."
    },
    subcommands = {
      AppendsCommand.class,
      FanOutCommand.class,
      StreamsCommand.class,
      EchoCommand.class,
      RoomsCommand.class,
      IdleCommand.class,
      ConnectsCommand.class,
      RecoveryCommand.class,
      RepliesCommand.class,
      TurnsCommand.class,
      HotPathsCommand.class
    })
public final class Bench {
  private final PrintStream out =
      new PrintStream(
          new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);

  /** The folder of the launcher. */
  Path root() {
    return Path.of(System.getProperty("parley.root", "."));
  }

  /** Where the tables go. */
  PrintStream out() {
    return out;
  }

  public static void main(String[] args) {
    CommandLine line = new CommandLine(new Bench());
    int code;
    if (args.length == 0) {
      line.usage(line.getOut());
      code = 2;
    } else {
      code = line.execute(args);
    }
    System.exit(code);
  }
}
