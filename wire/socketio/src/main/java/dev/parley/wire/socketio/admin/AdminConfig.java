package dev.parley.wire.socketio.admin;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How the official admin UI is served. A value.
 *
 * @param enabled whether its namespace exists
 * @param namespace what the UI connects to
 * @param mode what it shows
 * @param readOnly whether it may only look
 * @param username who may log in, or {@code null} for nobody by password
 * @param bcryptPassword the bcrypt hash of the password, as {@code htpasswd -nB} makes it
 * @param serverId how this node is called, or {@code null} for its host name
 * @param maxSockets sockets the UI is told of one by one; it keeps all of them in the page
 * @param maxEvents events shown a second; more are left out
 */
public record AdminConfig(
    boolean enabled,
    String namespace,
    Mode mode,
    boolean readOnly,
    @Nullable String username,
    @Nullable String bcryptPassword,
    @Nullable String serverId,
    int maxSockets,
    int maxEvents) {
  private static final Pattern BCRYPT = Pattern.compile("\\$2[abxy]\\$\\d\\d\\$[./A-Za-z0-9]{53}");

  /** What the UI shows, in the words of the official server. */
  public enum Mode {
    /** Every socket, room and event as well. */
    DEVELOPMENT,
    /** Numbers of the whole server. */
    PRODUCTION
  }

  public static AdminConfig defaults() {
    return new AdminConfig(false, "/admin", Mode.DEVELOPMENT, false, null, null, null, 1_000, 200);
  }

  public AdminConfig {
    if (!namespace.startsWith("/") || namespace.length() < 2) {
      throw new IllegalArgumentException(
          "namespace: " + namespace + " (expected: a name such as /admin)");
    }
    if ((username == null) != (bcryptPassword == null)) {
      throw new IllegalArgumentException(
          (username == null ? "username" : "bcrypt-password")
              + ": missing (expected: both username and bcrypt-password, or neither)");
    }
    if (bcryptPassword != null && !BCRYPT.matcher(bcryptPassword).matches()) {
      throw new IllegalArgumentException(
          "bcrypt-password: not shown (expected: a bcrypt hash such as $2y$10$…)");
    }
    if (maxSockets < 0) {
      throw new IllegalArgumentException("max-sockets: " + maxSockets + " (expected: >= 0)");
    }
    if (maxEvents < 0) {
      throw new IllegalArgumentException("max-events: " + maxEvents + " (expected: >= 0)");
    }
  }
}
