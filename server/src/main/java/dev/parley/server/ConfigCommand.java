package dev.parley.server;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the configuration in force. */
@Command(
    name = "config",
    description = "Print what is in force and where each value came from.",
    footer = {
      "",
      "Flags go before the environment (PARLEY_TRANSPORT_PORT for transport.port), which goes before"
          + " the file, which goes before the defaults.",
      "",
      "Examples:",
      "  parley config --config parley.yaml",
      "  parley config --set hub.shards=4"
    })
final class ConfigCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().getOut().print(options.load().table());
    spec.commandLine().getOut().flush();
    return 0;
  }
}
