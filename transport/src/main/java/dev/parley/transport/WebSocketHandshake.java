package dev.parley.transport;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of an opening handshake (RFC 6455 §4.2). A value.
 *
 * @param accept proves that the request was understood
 * @param deflate the parameters of permessage-deflate that were agreed on, if any
 */
record WebSocketHandshake(String accept, @Nullable String deflate) {
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final String VERSION = "13";
  private static final String DEFLATE = "permessage-deflate";
  private static final String SERVER_BITS = "server_max_window_bits";
  private static final String CLIENT_BITS = "client_max_window_bits";
  private static final String SERVER_FRESH = "server_no_context_takeover";
  private static final String CLIENT_FRESH = "client_no_context_takeover";
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern EXTENSION = Pattern.compile(TOKEN);
  private static final Pattern PARAMETER =
      Pattern.compile(TOKEN + "(\\s*=\\s*(" + TOKEN + "|\"" + TOKEN + "\"))?");
  private static final String FRESH = "; " + SERVER_FRESH + "; " + CLIENT_FRESH;

  private static final FastThreadLocal<MessageDigest> SHA1 =
      new FastThreadLocal<>() {
        @Override
        protected MessageDigest initialValue() throws NoSuchAlgorithmException {
          return MessageDigest.getInstance("SHA-1"); // every JDK has it
        }
      };

  static boolean isUpgrade(HttpRequest head) {
    return head.headers().containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
  }

  /**
   * Checks the request. Throws {@link Intake.Refused} with the answer when it is not acceptable.
   */
  static WebSocketHandshake of(HttpRequest head, WebSocketOptions options) throws Intake.Refused {
    HttpHeaders headers = head.headers();
    if (!isUpgrade(head)) {
      throw new Intake.Refused(upgradeRequired("Upgrade", headers.get("upgrade"), "websocket"));
    }
    if (!head.method().equals(HttpMethod.GET)) {
      throw refused("method", head.method().name(), "GET");
    }
    if (head.protocolVersion().minorVersion() == 0) {
      throw refused("HTTP version", head.protocolVersion().text(), "HTTP/1.1");
    }
    if (!headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)) {
      throw refused("Connection", headers.get(HttpHeaderNames.CONNECTION), "upgrade");
    }
    List<String> versions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
    if (versions.size() != 1 || !versions.getFirst().strip().equals(VERSION)) {
      String given = versions.isEmpty() ? null : String.join(", ", versions);
      throw new Intake.Refused(upgradeRequired("Sec-WebSocket-Version", given, VERSION));
    }
    List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    if (keys.size() != 1 || !isKey(keys.getFirst().strip())) {
      String given = keys.isEmpty() ? null : String.join(", ", keys);
      throw refused("Sec-WebSocket-Key", given, "16 bytes in base64, once");
    }
    List<String[]> offers = offers(headers);
    String deflate = options.deflate() ? agree(offers) : null;
    return new WebSocketHandshake(proof(keys.getFirst().strip()), deflate);
  }

  private static Intake.Refused refused(String what, @Nullable String given, String expected) {
    return new Intake.Refused(Refusal.malformed(mismatch(what, given, expected)));
  }

  private static Refusal upgradeRequired(String what, @Nullable String given, String expected) {
    return new Refusal(426, "upgrade_required", mismatch(what, given, expected), false);
  }

  private static String mismatch(String what, @Nullable String given, String expected) {
    return what + ": " + (given == null ? "none" : given) + " (expected: " + expected + ")";
  }

  /** What a client needs to know to come back as it should (RFC 6455 §4.4, RFC 9110 §15.5.22). */
  static void addAdvice(HttpHeaders headers) {
    headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
  }

  private static boolean isKey(String key) {
    try {
      return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String proof(String key) {
    byte[] digest = SHA1.get().digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
    return Base64.getEncoder().encodeToString(digest);
  }

  /**
   * The extensions offered, each with its parameters behind its name. What has not their form is
   * refused (RFC 6455 §9.1); empty elements of a list are allowed (RFC 9110 §5.6.1).
   */
  private static List<String[]> offers(HttpHeaders headers) throws Intake.Refused {
    List<String[]> offers = new ArrayList<>();
    for (String header : headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)) {
      for (String offer : header.split(",", -1)) {
        if (offer.isBlank()) {
          continue;
        }
        String[] parts = offer.split(";", -1);
        for (int i = 0; i < parts.length; i++) {
          parts[i] = parts[i].strip();
          if (!(i == 0 ? EXTENSION : PARAMETER).matcher(parts[i]).matches()) {
            throw refused("Sec-WebSocket-Extensions", header, "names with parameters");
          }
        }
        offers.add(parts);
      }
    }
    return offers;
  }

  /**
   * The answer to the first offer of permessage-deflate we can keep (RFC 7692 §7.1); others are
   * declined by silence.
   */
  private static @Nullable String agree(List<String[]> offers) {
    for (String[] parts : offers) {
      if (parts[0].equalsIgnoreCase(DEFLATE)) {
        Set<String> parameters = new HashSet<>();
        boolean keeps = true;
        for (int i = 1; i < parts.length; i++) {
          keeps &= keeps(parts[i], parameters);
        }
        if (keeps) {
          return DEFLATE
              + FRESH
              + (parameters.contains(SERVER_BITS) ? "; " + SERVER_BITS + "=15" : "");
        }
      }
    }
    return null;
  }

  private static boolean keeps(String parameter, Set<String> seen) {
    int equals = parameter.indexOf('=');
    String name = (equals < 0 ? parameter : parameter.substring(0, equals)).strip();
    String value = equals < 0 ? "" : parameter.substring(equals + 1).strip().replace("\"", "");
    return seen.add(name)
        && switch (name) {
          case SERVER_FRESH, CLIENT_FRESH -> equals < 0;
          // Windows smaller than 2^15 are not the JDK's to choose.
          case SERVER_BITS -> value.equals("15");
          case CLIENT_BITS -> equals < 0 || value.matches("[89]|1[0-5]");
          default -> false;
        };
  }

  /** Completes the head of the 101. */
  void addTo(HttpHeaders headers) {
    headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept);
    if (deflate != null) {
      headers.set(HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS, deflate);
    }
  }
}
