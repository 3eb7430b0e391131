package dev.parley.server;

import dev.parley.hub.Caller;
import dev.parley.stream.PathPattern;
import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The bearer of a token: what its {@code parley} claim allows. The claim holds path patterns by
 * right, as in {@code {"read": ["chat/*"], "append": ["chat/lobby"]}}. Immutable.
 */
record TokenCaller(@Nullable String subject, long expiresAt, Map<Right, List<PathPattern>> patterns)
    implements Caller {
  static final String CLAIM = "parley";

  static TokenCaller of(@Nullable String subject, long expiresAt, @Nullable Object claim)
      throws TokenRefused {
    if (!(claim instanceof Map<?, ?> rights)) {
      throw new TokenRefused("the claim parley is missing (expected: path patterns by right)");
    }
    Map<Right, List<PathPattern>> patterns = new EnumMap<>(Right.class);
    for (Map.Entry<?, ?> entry : rights.entrySet()) {
      patterns.put(right(entry.getKey()), patterns(entry.getValue()));
    }
    // Never null, which means anyone: answers to a token without a name are not for shared caches.
    return new TokenCaller(subject == null ? "" : subject, expiresAt, patterns);
  }

  private static Right right(@Nullable Object name) throws TokenRefused {
    for (Right right : Right.values()) {
      if (right.name().toLowerCase(Locale.ROOT).equals(name)) {
        return right;
      }
    }
    throw new TokenRefused(
        "the claim parley names no right of ours (expected: read, append, create, delete, admin)");
  }

  private static List<PathPattern> patterns(@Nullable Object value) throws TokenRefused {
    if (!(value instanceof List<?> list)) {
      throw new TokenRefused("the claim parley holds no list (expected: [\"chat/*\"])");
    }
    List<PathPattern> patterns = new ArrayList<>();
    for (Object element : list) {
      try {
        patterns.add(PathPattern.of(String.valueOf(element)));
      } catch (IllegalArgumentException e) {
        throw new TokenRefused(String.valueOf(e.getMessage()));
      }
    }
    return List.copyOf(patterns);
  }

  @Override
  public boolean may(Right right, StreamPath path) {
    return matches(right, path) || (right != Right.ADMIN && matches(Right.ADMIN, path));
  }

  private boolean matches(Right right, StreamPath path) {
    for (PathPattern pattern : patterns.getOrDefault(right, List.of())) {
      if (pattern.matches(path)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean mayAdministrate() {
    return patterns.getOrDefault(Right.ADMIN, List.of()).stream()
        .anyMatch(pattern -> pattern.value().equals("**"));
  }
}
