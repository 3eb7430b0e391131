package dev.parley.wire.socketio.admin;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import dev.parley.hub.Caller;
import dev.parley.socketio.ConnectRefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who may look: the bearer of a token with the right admin on everything, whoever knows the
 * configured name and password, and a page that logged in before. Safe on any thread; may block.
 */
final class AdminLogin {
  private static final String REFUSAL = "invalid credentials"; // the words the UI looks for
  private static final Duration SESSION = Duration.ofDays(1);
  private static final int MOST_SESSIONS = 1_000;
  private static final int SESSION_BYTES = 16;
  private static final int PATIENCE_SECONDS = 5;

  private final AdminConfig config;
  private final @Nullable Function<String, CompletableFuture<Caller>> tokens;
  private final boolean open;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  /** A hash takes a core for tens of milliseconds: whoever guesses waits in line. */
  private final Semaphore hashing = new Semaphore(1);

  /** The end of each session, in milliseconds since the Unix epoch. Guarded by itself. */
  private final Map<String, Long> sessions =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST_SESSIONS;
        }
      };

  /**
   * @param tokens finds out whose a token is, when there are keys
   * @param open whether anyone may look who reaches the server, as long as no password is set
   */
  AdminLogin(
      AdminConfig config,
      @Nullable Function<String, CompletableFuture<Caller>> tokens,
      boolean open,
      InstantSource clock) {
    this.config = config;
    this.tokens = tokens;
    this.open = open && config.username() == null;
    this.clock = clock;
  }

  /**
   * What a client that was let in may do.
   *
   * @param session a new one for its page, or {@code null} when it needs none
   * @param expiresAt when it must go, in milliseconds since the Unix epoch
   */
  record Granted(@Nullable String session, long expiresAt) {}

  /**
   * @param auth what the client said
   */
  Granted check(Map<String, @Nullable Object> auth)
      throws ConnectRefusedException, InterruptedException {
    if (open) {
      return new Granted(null, Long.MAX_VALUE);
    }
    long now = clock.millis();
    Long known = end(text(auth, "sessionId"));
    if (known != null && known > now) {
      return new Granted(null, known);
    }
    String password = text(auth, "password");
    if (matches(text(auth, "username"), password)) {
      return granted(now + SESSION.toMillis());
    }
    String token = text(auth, "token");
    Long tokenEnd = administrator(token.isEmpty() ? password : token);
    if (tokenEnd != null && tokenEnd > now) {
      return granted(Math.min(tokenEnd, now + SESSION.toMillis()));
    }
    throw new ConnectRefusedException(REFUSAL);
  }

  private Granted granted(long expiresAt) {
    byte[] bytes = new byte[SESSION_BYTES];
    random.nextBytes(bytes);
    String session = HexFormat.of().formatHex(bytes);
    synchronized (sessions) {
      sessions.put(session, expiresAt);
    }
    return new Granted(session, expiresAt);
  }

  private @Nullable Long end(String session) {
    synchronized (sessions) {
      return sessions.get(session);
    }
  }

  private boolean matches(String username, String password)
      throws ConnectRefusedException, InterruptedException {
    String wanted = config.username();
    String hash = config.bcryptPassword();
    if (wanted == null
        || hash == null
        || password.isEmpty()
        || !MessageDigest.isEqual(bytes(wanted), bytes(username))) {
      return false;
    }
    if (!hashing.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new ConnectRefusedException("too many attempts: try again in a minute");
    }
    try {
      return BCrypt.verifyer(null, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2A))
          .verify(bytes(password), bytes(hash))
          .verified;
    } finally {
      hashing.release();
    }
  }

  /** Until when the bearer of a token is an administrator, or {@code null}. */
  private @Nullable Long administrator(String token) {
    if (tokens == null || token.isEmpty()) {
      return null;
    }
    try {
      Caller caller = tokens.apply(token).join();
      return caller.mayAdministrate() ? caller.expiresAt() : null;
    } catch (CompletionException e) {
      return null; // no token of ours: refused as a wrong password is
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Map<String, @Nullable Object> auth, String name) {
    return auth.get(name) instanceof String text ? text : "";
  }
}
