package dev.parley.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that set configuration; shared by the commands that read it. */
final class ConfigOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file (or PARLEY_CONFIG in the environment).")
  private @Nullable Path file;

  @Option(names = "--port", paramLabel = "N", description = "Port, 0 for any. Default: 8080.")
  private @Nullable String port;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on. Default: 127.0.0.1.")
  private @Nullable String host;

  @Option(names = "--data", paramLabel = "DIR", description = "Data folder. Default: ./data.")
  private @Nullable String data;

  @Option(
      names = "--insecure",
      description = "Listen beyond this machine without keys: open to everyone who reaches it.")
  private boolean insecure;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any key of the configuration, as --set hub.shards=4; repeatable.")
  private List<String> settings = new ArrayList<>();

  Configuration load() {
    String fromEnvironment = System.getenv("PARLEY_CONFIG");
    Path named = file != null ? file : fromEnvironment == null ? null : Path.of(fromEnvironment);
    return Configuration.load(named, System.getenv(), flags());
  }

  private List<Setting> flags() {
    List<Setting> flags = new ArrayList<>(settings.stream().map(Configuration::flag).toList());
    add(flags, "transport.port", port, "--port");
    add(flags, "transport.host", host, "--host");
    add(flags, "rocksdb.folder", data, "--data");
    add(flags, "server.insecure", insecure ? "true" : null, "--insecure");
    return flags;
  }

  private static void add(List<Setting> flags, String key, @Nullable String value, String flag) {
    if (value != null) {
      flags.add(new Setting(key, value, flag));
    }
  }
}
