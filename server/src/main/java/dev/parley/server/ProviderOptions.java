package dev.parley.server;

import dev.parley.conversation.limit.SlotsConfig;
import dev.parley.provider.EndpointConfig;
import dev.parley.provider.http.UpstreamConfig;
import dev.parley.provider.openai.ChatOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Options of one provider of replies.
 *
 * @param name by which personas and other providers know it
 * @param dialect what its endpoint speaks
 * @param url the base address of its endpoint, as {@code https://api.openai.com/v1}
 * @param keyEnv the environment variable that holds the key
 * @param keyFile a file that holds the key instead
 * @param model what is asked for when no persona is configured, and by those who fall back to it
 * @param continuation how a chat endpoint goes on from what a reply has said already
 * @param protocol which HTTP is spoken
 * @param maxConnections most connections open at once
 * @param running replies at once
 * @param runningPerUser replies at once of one user
 * @param waiting replies that may wait for one of these
 * @param firstToken time-out for the first token
 * @param betweenTokens time-out between tokens
 * @param fallback names of the providers that are asked in this order when it fails
 */
record ProviderOptions(
    @Nullable String name,
    Dialect dialect,
    @Nullable URI url,
    @Nullable String keyEnv,
    @Nullable Path keyFile,
    @Nullable String model,
    ChatOptions.Continuation continuation,
    UpstreamConfig.Protocol protocol,
    int maxConnections,
    int running,
    int runningPerUser,
    int waiting,
    Duration firstToken,
    Duration betweenTokens,
    List<String> fallback) {
  /** What an endpoint speaks. */
  enum Dialect {
    /** Chat completions, as OpenAI has them. */
    OPENAI,
    /** Chat completions, as most others have them. */
    OPENAI_COMPATIBLE,
    /** OpenAI's responses. */
    OPENAI_RESPONSES,
    /** Anthropic's messages. */
    ANTHROPIC,
    /** No model: a prepared text. */
    SCRIPTED
  }

  static ProviderOptions defaults() {
    SlotsConfig slots = SlotsConfig.DEFAULT;
    EndpointConfig times = EndpointConfig.DEFAULT;
    return new ProviderOptions(
        null,
        Dialect.OPENAI,
        null,
        null,
        null,
        null,
        ChatOptions.Continuation.NONE,
        UpstreamConfig.Protocol.NEGOTIATED,
        4096,
        slots.running(),
        slots.runningPerUser(),
        slots.waiting(),
        times.firstToken(),
        times.betweenTokens(),
        List.of());
  }

  ProviderOptions {
    if (name == null || !name.matches("[A-Za-z0-9_.-]{1,64}")) {
      require(name == null, "name: " + name + " (expected: 1 to 64 letters, digits, _ . -)");
    }
    boolean real = dialect != Dialect.SCRIPTED;
    require(
        name == null || real == (url != null),
        "url: " + url + " (expected: " + (real ? "an address)" : "none for scripted)"));
    require(
        keyEnv == null || keyFile == null,
        "key-file: " + keyFile + " (expected: not both it and key-env)");
    fallback = List.copyOf(fallback);
    if (name != null) { // which check
      var _ = slots(running, runningPerUser, waiting);
      var _ = EndpointConfig.DEFAULT.withTimeouts(firstToken, betweenTokens);
      if (url != null) {
        var _ = UpstreamConfig.of(url).withConnections(maxConnections, Math.max(waiting, 1));
      }
    }
  }

  private static void require(boolean holds, String complaint) {
    if (!holds) {
      throw new IllegalArgumentException(complaint);
    }
  }

  SlotsConfig slots() {
    return slots(running, runningPerUser, waiting);
  }

  private static SlotsConfig slots(int running, int runningPerUser, int waiting) {
    return new SlotsConfig(
        running,
        Math.min(running, runningPerUser),
        waiting,
        waiting,
        SlotsConfig.DEFAULT.tellEvery());
  }

  EndpointConfig endpoint() {
    return EndpointConfig.DEFAULT.withTimeouts(firstToken, betweenTokens);
  }

  UpstreamConfig upstream(URI base) {
    return UpstreamConfig.of(base)
        .withProtocol(protocol)
        .withConnections(maxConnections, Math.max(waiting, 1));
  }
}
