package dev.parley.testkit.websocket;

import java.util.ArrayList;
import java.util.List;

/** The request that opens a WebSocket (RFC 6455 §4.1), to be bent. A value. */
record Handshake(String line, List<String> headers) {
  static final String TARGET = "/engine.io/?EIO=4&transport=websocket";

  /** The proof that the key of {@link #GOOD} was read (RFC 6455 §1.3). */
  static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

  static final Handshake GOOD =
      new Handshake(
          "GET " + TARGET + " HTTP/1.1",
          List.of(
              "Host: localhost",
              "Upgrade: websocket",
              "Connection: Upgrade",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="));

  static Handshake offering(String extensions) {
    return GOOD.plus("Sec-WebSocket-Extensions", extensions);
  }

  Handshake line(String other) {
    return new Handshake(other, headers);
  }

  Handshake with(String name, String value) {
    return without(name).plus(name, value);
  }

  Handshake without(String name) {
    return new Handshake(
        line, headers.stream().filter(header -> !header.startsWith(name + ":")).toList());
  }

  /** One more line, also of a name that is there already. */
  Handshake plus(String name, String value) {
    List<String> more = new ArrayList<>(headers);
    more.add(name + ": " + value);
    return new Handshake(line, more);
  }

  byte[] bytes() {
    return Sent.utf8(line + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
  }
}
