package dev.parley.server;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Names and literal addresses that mean this machine; never asks a resolver. */
final class Loopback {
  private Loopback() {}

  static boolean isName(@Nullable String host) {
    if (host == null) {
      return false;
    }
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.equals("::1")
        || name.equals("[::1]")
        || name.equals("0:0:0:0:0:0:0:1")
        || name.matches("127(\\.\\d{1,3}){3}");
  }
}
