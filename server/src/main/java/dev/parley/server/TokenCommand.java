package dev.parley.server;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Mints an access token for a shared secret. */
@Command(
    name = "token",
    description = "Mint an access token (HS256) for a shared secret.",
    footer = {
      "",
      "Patterns: chat/* is one level, ** is everything. The secret is the server's access.secret.",
      "",
      "Examples:",
      "  parley token --secret-file key --read 'chat/*' --append chat/lobby --ttl 1h",
      "  parley token --secret-file key --admin '**' --subject ada"
    })
final class TokenCommand implements Callable<Integer> {
  @Option(
      names = "--secret",
      paramLabel = "TEXT",
      description = "The secret; better: --secret-file, or PARLEY_ACCESS_SECRET.")
  private @Nullable String secret;

  @Option(names = "--secret-file", paramLabel = "FILE", description = "A file that holds it.")
  private @Nullable Path secretFile;

  @Option(names = "--read", paramLabel = "PATTERN", split = ",", description = "Repeatable.")
  private List<String> read = new ArrayList<>();

  @Option(names = "--append", paramLabel = "PATTERN", split = ",", description = "Repeatable.")
  private List<String> append = new ArrayList<>();

  @Option(names = "--create", paramLabel = "PATTERN", split = ",", description = "Repeatable.")
  private List<String> create = new ArrayList<>();

  @Option(names = "--delete", paramLabel = "PATTERN", split = ",", description = "Repeatable.")
  private List<String> delete = new ArrayList<>();

  @Option(
      names = "--admin",
      paramLabel = "PATTERN",
      split = ",",
      description = "Includes all others; ** the whole node. Repeatable.")
  private List<String> admin = new ArrayList<>();

  @Option(names = "--subject", paramLabel = "NAME", description = "Who it is for (sub).")
  private @Nullable String subject;

  @Option(names = "--audience", paramLabel = "NAME", description = "The claim aud.")
  private @Nullable String audience;

  @Option(names = "--issuer", paramLabel = "NAME", description = "The claim iss.")
  private @Nullable String issuer;

  @Option(
      names = "--ttl",
      paramLabel = "DURATION",
      defaultValue = "1h",
      description = "How long it counts. Default: 1h.")
  private String ttl = "1h";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    Map<String, List<String>> rights = new LinkedHashMap<>();
    add(rights, "read", read);
    add(rights, "append", append);
    add(rights, "create", create);
    add(rights, "delete", delete);
    add(rights, "admin", admin);
    if (rights.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "It would allow nothing: name a right, as --read 'chat/*'");
    }
    byte[] key = key();
    if (key.length < AccessConfig.LEAST_SECRET_BYTES) {
      throw new ParameterException(
          spec.commandLine(),
          "The secret is too short (expected: >= " + AccessConfig.LEAST_SECRET_BYTES + " bytes)");
    }
    spec.commandLine()
        .getOut()
        .println(
            Tokens.mint(key, subject, audience, issuer, rights, ttl(), InstantSource.system()));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private byte[] key() {
    String inline = secret != null ? secret : System.getenv("PARLEY_ACCESS_SECRET");
    AccessConfig defaults = AccessConfig.defaults();
    if (secretFile == null && inline != null) {
      return inline.getBytes(StandardCharsets.UTF_8);
    }
    byte[] fromFile =
        Access.secret(
            new AccessConfig(null, secretFile, null, null, null, defaults.clockSkew(), List.of()));
    if (fromFile == null) {
      throw new ParameterException(
          spec.commandLine(), "No secret: --secret-file FILE, --secret or PARLEY_ACCESS_SECRET");
    }
    return fromFile;
  }

  private Duration ttl() {
    try {
      Duration parsed = (Duration) Scalar.parse(Duration.class, false, ttl);
      if (parsed.isZero()) {
        throw new IllegalArgumentException("more than 0s");
      }
      return parsed;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "--ttl: " + ttl + " (expected: " + e.getMessage() + ")", e);
    }
  }

  private void add(Map<String, List<String>> rights, String right, List<String> patterns) {
    for (String pattern : patterns) {
      try {
        var _ = dev.parley.stream.PathPattern.of(pattern); // which checks
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), "--" + right + ": " + e.getMessage(), e);
      }
    }
    if (!patterns.isEmpty()) {
      rights.put(right, patterns);
    }
  }
}
