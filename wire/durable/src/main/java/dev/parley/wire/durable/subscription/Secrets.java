package dev.parley.wire.durable.subscription;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The keys, read or made when they are first needed, so that a server without subscriptions starts
 * without them. Confined to the owner's thread.
 */
final class Secrets {
  private final Path file;
  private @Nullable ServerKeys keys;
  private @Nullable WakeTokens tokens;

  Secrets(Path file) {
    this.file = file;
  }

  ServerKeys keys() throws IOException {
    ServerKeys loaded = keys;
    if (loaded == null) {
      loaded = ServerKeys.load(file);
      keys = loaded;
    }
    return loaded;
  }

  WakeTokens tokens() throws IOException {
    WakeTokens made = tokens;
    if (made == null) {
      made = new WakeTokens(keys().tokenSecret());
      tokens = made;
    }
    return made;
  }
}
