package dev.parley.wire.durable.subscription;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * Where a webhook may go (Durable Streams §12.8). A URL is judged twice: as written when the
 * subscription is created, and by the addresses its name has each time it is called, because a name
 * can change its mind.
 */
final class WebhookTarget {
  private static final int MAX_URL_LENGTH = 2_048;

  private WebhookTarget() {}

  /**
   * Judges a URL as written.
   *
   * @throws IllegalArgumentException with a sentence for the client
   */
  static URI parse(String text, PrivateTargets allowed) {
    if (text.length() > MAX_URL_LENGTH) {
      throw refused(text.length() + " characters (expected: <= " + MAX_URL_LENGTH + ")");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw refused("not a URL (expected: https://host/path)");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean encrypted = scheme.equals("https");
    if (!encrypted && !scheme.equals("http")) {
      throw refused("scheme \"" + scheme + "\" (expected: https)");
    }
    String host = uri.getHost();
    if (host == null || host.isEmpty()) {
      throw refused("no host (expected: https://host/path)");
    }
    if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      throw refused("user or fragment (expected: neither)");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65_535) {
      throw refused("port " + uri.getPort() + " (expected: 1 to 65535)");
    }
    if (!mayBePermitted(host, encrypted, allowed)) {
      throw refused(
          scheme
              + " to "
              + host
              + " (expected: https to a public address; webhooks.allow-private: "
              + allowed.name().toLowerCase(Locale.ROOT)
              + ")");
    }
    return uri;
  }

  private static IllegalArgumentException refused(String reason) {
    return new IllegalArgumentException("webhook.url: " + reason);
  }

  private static boolean mayBePermitted(String host, boolean encrypted, PrivateTargets allowed) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.equals("localhost") || name.endsWith(".localhost")) {
      return allowed != PrivateTargets.NONE;
    }
    String bare = bare(name);
    InetAddress literal;
    try {
      literal = InetAddress.ofLiteral(bare);
    } catch (IllegalArgumentException e) {
      // A name: its addresses are judged when it is called. Over http it could only be private.
      return encrypted || allowed == PrivateTargets.ALL;
    }
    return allowed.permits(literal, encrypted);
  }

  private static String bare(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** Looks up names; blocks. */
  @FunctionalInterface
  interface Names {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /**
   * Resolves a URL's host, once. The caller connects to what this returns and to nothing else.
   * Blocks while the name is looked up.
   *
   * @throws IOException when the name is unknown, or any of its addresses is not permitted
   */
  static InetSocketAddress resolve(URI url, PrivateTargets allowed, Names names)
      throws IOException {
    boolean encrypted = isEncrypted(url);
    InetAddress[] addresses = names.addresses(bare(url.getHost()));
    for (InetAddress address : addresses) {
      if (!allowed.permits(address, encrypted)) {
        throw new IOException(
            "webhook host "
                + url.getHost()
                + ": "
                + address.getHostAddress()
                + " (expected: "
                + "an address that webhooks.allow-private permits)");
      }
    }
    return new InetSocketAddress(addresses[0], port(url));
  }

  static boolean isEncrypted(URI url) {
    return "https".equalsIgnoreCase(url.getScheme());
  }

  private static int port(URI url) {
    return url.getPort() > 0 ? url.getPort() : isEncrypted(url) ? 443 : 80;
  }
}
