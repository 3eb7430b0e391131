package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.stream.Durability;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicy;
import dev.parley.wire.durable.subscription.PrivateTargets;
import dev.parley.wire.socketio.RecoveryConfig;
import dev.parley.wire.socketio.SlowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  @Test
  void flagsGoBeforeEnvironmentBeforeFileBeforeDefaults() throws IOException {
    Path file = file("transport: {port: 1, max-connections: 2, max-connections-per-address: 3}\n");
    Map<String, String> environment =
        Map.of("PARLEY_TRANSPORT_PORT", "4", "PARLEY_TRANSPORT_MAX_CONNECTIONS", "5");

    Configuration loaded =
        Configuration.load(file, environment, List.of(Configuration.flag("transport.port=6")));

    assertThat(loaded.config().transport().port()).isEqualTo(6);
    assertThat(loaded.config().transport().maxConnections()).isEqualTo(5);
    assertThat(loaded.config().transport().maxConnectionsPerAddress()).isEqualTo(3);
    assertThat(source(loaded, "transport.port")).isEqualTo("--set");
    assertThat(source(loaded, "transport.max-connections"))
        .isEqualTo("environment PARLEY_TRANSPORT_MAX_CONNECTIONS");
    assertThat(source(loaded, "transport.max-connections-per-address")).startsWith(file + ":1:");
    assertThat(source(loaded, "hub.shards")).isEqualTo("default");
  }

  @Test
  void optionsPerPathPatternAreReadInOrder() throws IOException {
    Path file =
        file(
            """
            streams:
              - pattern: "tokens/**"
                durability: async
                slow-follower: latest
                max-message-bytes: 64KB
              - pattern: "chat/*"
                retention: {max-age: 30d, max-count: 1000, max-bytes: 2GB}
            """);
    var policies = StreamOptions.policies(load(file).config().streams(), RecoveryConfig.defaults());

    StreamPolicy tokens = policies.of(StreamPath.of("tokens/a/b"));
    assertThat(tokens.durability()).isEqualTo(Durability.ASYNC);
    assertThat(tokens.slowFollower()).isEqualTo(StreamPolicy.SlowFollower.LATEST);
    assertThat(tokens.maxMessageBytes()).isEqualTo(65_536);
    StreamPolicy chat = policies.of(StreamPath.of("chat/lobby"));
    assertThat(chat.retention().maxAge()).isEqualTo(Duration.ofDays(30));
    assertThat(chat.retention().maxCount()).isEqualTo(1_000);
    assertThat(chat.retention().maxBytes()).isEqualTo(2L << 30);
    assertThat(policies.of(StreamPath.of("other"))).isEqualTo(StreamPolicy.DEFAULT);
  }

  @Test
  void noPatternReachesWhatTheServerKeepsForItself() {
    StreamOptions all =
        new StreamOptions(
            "**",
            Durability.MEMORY,
            new StreamOptions.Kept(null, 1, 1),
            10,
            StreamPolicy.SlowFollower.LATEST);
    var policies = StreamOptions.policies(List.of(all), RecoveryConfig.defaults());
    assertThat(policies.of(StreamPath.of("chat")).durability()).isEqualTo(Durability.MEMORY);
    assertThat(policies.of(StreamPath.of("__ds/a/b"))).isEqualTo(StreamPolicy.DEFAULT);
  }

  @Test
  void aListInOneLayerReplacesTheListBelow() throws IOException {
    Path file = file("access: {allow-origins: [\"https://a.example\", \"https://b.example\"]}\n");
    Configuration loaded =
        Configuration.load(
            file, Map.of(), List.of(Configuration.flag("access.allow-origins=https://c.example")));
    assertThat(loaded.config().access().allowOrigins()).containsExactly("https://c.example");
    assertThat(load(file).config().access().allowOrigins())
        .containsExactly("https://a.example", "https://b.example");
  }

  @Test
  void slowSocketsAreTreatedAsTheFirstEntryThatFitsSays() throws IOException {
    Path file =
        file(
            """
            socketio:
              slow:
                - {namespace: /prices, room: "price-*", policy: latest, key: /symbol}
                - {room: feed, policy: drop-oldest, max-events: 8, max-bytes: 64KB}
            """);

    List<SlowConfig> slow = load(file).config().socketio().slow();

    SlowConfig usual = SlowConfig.defaults();
    assertThat(slow)
        .containsExactly(
            new SlowConfig(
                "/prices",
                "price-*",
                SlowConfig.Kind.LATEST,
                "/symbol",
                usual.maxEvents(),
                usual.maxBytes()),
            new SlowConfig("/", "feed", SlowConfig.Kind.DROP_OLDEST, "", 8, 64 << 10));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "policy: sometimes|socketio.slow[0].policy: sometimes",
        "policy: lossless, key: /symbol|socketio.slow[0].key: /symbol (expected: none with policy",
        "policy: latest, key: symbol|socketio.slow[0].key: symbol (expected: empty, or a JSON",
        "policy: drop-oldest, max-events: 0|socketio.slow[0].max-events: 0 (expected: >= 1)",
        "namespace: prices|socketio.slow[0].namespace: prices (expected: a name with a leading",
        "room: a*b*|socketio.slow[0].room: a*b* (expected: at most one *)",
        "polcy: latest|socketio.slow[0].polcy: unknown key",
      })
  void anEntryForSlowSocketsThatCannotBeMeantIsRefusedByItsKey(String entry, String problem)
      throws IOException {
    Path file = file("socketio:\n  slow:\n    - {" + entry.replace("a*b*", "'a*b*'") + "}\n");
    refused(() -> load(file), problem);
  }

  @ParameterizedTest
  @CsvSource({
    "transport.prot, transport.port",
    "hub.shard, hub.shards",
    "port, transport.port",
    "streams[0].slow-folower, streams[].slow-follower",
  })
  void anUnknownKeyIsRefusedWithTheNearestOne(String key, String nearest) {
    refused(() -> set(key + "=1"), key + ": unknown key", "did you mean " + nearest + "?");
  }

  @Test
  void anUnknownKeyOfTheFileIsRefusedWithItsPlace() throws IOException {
    Path file = file("transport:\n  port: 1\n  max-body-size: 2\n");
    refused(() -> load(file), "transport.max-body-size", file + ":3:", "transport.max-body-bytes");
  }

  @Test
  void anUnknownVariableOfTheEnvironmentIsRefused() {
    refused(
        () -> Configuration.load(null, Map.of("PARLEY_TRANSPORT_PROT", "1"), List.of()),
        "PARLEY_TRANSPORT_PROT",
        "did you mean PARLEY_TRANSPORT_PORT?");
    assertThat(Configuration.load(null, Map.of("PARLEY_JAVA_OPTIONS", "-Xmx1g"), List.of()))
        .isNotNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "transport.port=eighty|transport.port: eighty (expected: a whole number)",
        "transport.port=99999999999|transport.port: 99999999999 (expected: at most 2147483647)",
        "transport.idle-timeout=30|transport.idle-timeout: 30 (expected: a duration such as",
        "transport.max-body-bytes=much|transport.max-body-bytes: much (expected: a size such as",
        "server.insecure=perhaps|server.insecure: perhaps (expected: true or false)",
        "streams[0].durability=fast|streams[0].durability: fast (expected: one of memory, async, sync)",
        "hub.shards=0|hub.shards: 0 (expected: >= 1)",
        "webhooks.allow-private=some|webhooks.allow-private: some (expected: none, loopback or all)",
        "access.secret=short|access.secret: too short (expected: >= 32 bytes)",
        "access.jwks-url=http://keys.example/|access.jwks-url: http://keys.example/ (expected: an https",
        "access.allow-origins=app.example|access.allow-origins: app.example (expected: * or origins",
        "transport.tls-key=key.pem|transport.tls-key: key.pem (expected: set together with",
        "streams[0].pattern=/chat|path pattern",
      })
  void aBadValueIsRefusedWithWhatWasExpected(String setting, String complaint) {
    refused(() -> set(setting), complaint);
  }

  @Test
  void everyProblemIsToldAtOnce() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> set("hub.shards=x", "transport.port=y", "nothing.like.it.at.all=z"))
        .satisfies(e -> assertThat(e.problems()).hasSize(3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: [", "- 1", "transport:\n  port: 1\n  port: 2\n", "just text"})
  void aFileThatIsNoMapOfKeysIsRefusedByName(String yaml) throws IOException {
    Path file = file(yaml);
    refused(() -> load(file), file.toString());
  }

  @Test
  void anEmptyFileSetsNothing() throws IOException {
    assertThat(load(file("# nothing\n")).config().transport().port()).isEqualTo(8080);
  }

  @Test
  void aSecretIsNeverShown() {
    Configuration loaded = set("access.secret=" + SECRET);
    assertThat(loaded.table()).contains("access.secret").doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "192.168.1.5", "parley.example"})
  void withoutKeysOnlyThisMachineIsListenedTo(String host) {
    refused(() -> set("transport.host=" + host), "transport.host: " + host, "--insecure");
    assertThat(set("transport.host=" + host, "server.insecure=true")).isNotNull();
    assertThat(set("transport.host=" + host, "access.secret=" + SECRET)).isNotNull();
  }

  @Test
  void sizesAndDurationsAreShownAsTheyAreWritten() {
    Configuration loaded =
        set("transport.max-body-bytes=3MB", "hub.idle-after=90s", "webhooks.allow-private=true");
    assertThat(value(loaded, "transport.max-body-bytes")).isEqualTo("3MB");
    assertThat(value(loaded, "hub.idle-after")).isEqualTo("90s");
    assertThat(loaded.config().webhooks().allowPrivate()).isEqualTo(PrivateTargets.ALL);
  }

  private static Configuration set(String... settings) {
    return Configuration.load(
        null, Map.of(), Stream.of(settings).map(Configuration::flag).toList());
  }

  private static Configuration load(Path file) {
    return Configuration.load(file, Map.of(), List.of());
  }

  private static String source(Configuration loaded, String key) {
    return entry(loaded, key).source();
  }

  private static String value(Configuration loaded, String key) {
    return entry(loaded, key).value();
  }

  private static RecordBinder.Entry entry(Configuration loaded, String key) {
    return loaded.entries().stream().filter(e -> e.key().equals(key)).findFirst().orElseThrow();
  }

  private static void refused(Runnable load, String... words) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(load::run)
        .withMessageContainingAll(words);
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("parley.yaml"), yaml);
  }
}
