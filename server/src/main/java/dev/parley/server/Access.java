package dev.parley.server;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import dev.parley.hub.Caller;
import java.io.IOException;
import java.net.MalformedURLException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Turns tokens into callers when keys are configured. Safe on any thread; never blocks its callers:
 * what has to fetch keys runs on a virtual thread.
 */
final class Access implements AutoCloseable {
  private static final int REMEMBERED = 10_000;
  private static final Duration REMEMBERED_FOR = Duration.ofMinutes(1);
  private static final int FETCH_MILLIS = 3_000;
  private static final int KEY_SET_BYTES = 256 << 10;

  private final Tokens tokens;
  private final InstantSource clock;
  private final Cache<String, TokenCaller> verified =
      Caffeine.newBuilder()
          .maximumSize(REMEMBERED)
          .expireAfterWrite(REMEMBERED_FOR)
          .executor(Runnable::run)
          .build();
  private final ExecutorService fetches = Executors.newVirtualThreadPerTaskExecutor();

  Access(Tokens tokens, InstantSource clock) {
    this.tokens = tokens;
    this.clock = clock;
  }

  static Access of(AccessConfig config, InstantSource clock) {
    return new Access(new Tokens(secret(config), keys(config), config, clock), clock);
  }

  /** The configured secret, read from its file when it is in one. */
  static byte @Nullable [] secret(AccessConfig config) {
    if (config.secret() != null) {
      return config.secret().getBytes(StandardCharsets.UTF_8);
    }
    Path file = config.secretFile();
    if (file == null) {
      return null;
    }
    try {
      byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
      if (secret.length < AccessConfig.LEAST_SECRET_BYTES) {
        throw new ConfigException(
            "access.secret-file: " + file + " (expected: a secret of >= 32 bytes in it)");
      }
      return secret;
    } catch (IOException e) {
      throw new ConfigException("access.secret-file: " + file + " (expected: a readable file)");
    }
  }

  private static @Nullable JWKSource<SecurityContext> keys(AccessConfig config) {
    if (config.jwksUrl() == null) {
      return null;
    }
    try {
      return JWKSourceBuilder.<SecurityContext>create(
              config.jwksUrl().toURL(),
              new DefaultResourceRetriever(FETCH_MILLIS, FETCH_MILLIS, KEY_SET_BYTES))
          .build();
    } catch (MalformedURLException e) {
      throw new ConfigException("access.jwks-url: " + config.jwksUrl() + " (expected: a URL)");
    }
  }

  /** Completes with the caller or fails with {@link TokenRefused}; perhaps on another thread. */
  CompletableFuture<Caller> caller(String token) {
    TokenCaller known = verified.getIfPresent(token);
    if (known != null && known.expiresAt() > clock.millis()) {
      return CompletableFuture.completedFuture(known);
    }
    CompletableFuture<Caller> caller = new CompletableFuture<>();
    if (tokens.neverBlocks()) {
      verify(token, caller);
    } else {
      fetches.execute(() -> verify(token, caller));
    }
    return caller;
  }

  private void verify(String token, CompletableFuture<Caller> caller) {
    try {
      TokenCaller verifiedCaller = tokens.verify(token);
      verified.put(token, verifiedCaller);
      caller.complete(verifiedCaller);
    } catch (TokenRefused | RuntimeException e) {
      caller.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    fetches.shutdownNow();
  }
}
