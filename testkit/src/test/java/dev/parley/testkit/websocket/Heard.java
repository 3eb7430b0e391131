package dev.parley.testkit.websocket;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32;

/** The frames of a server, in words that two of them can be compared by. Stateless. */
final class Heard {
  /** The connection ended in order. */
  static final String END = "end";

  private static final int SHOWN_BYTES = 40;

  private Heard() {}

  static String text(String text) {
    byte[] utf8 = Sent.utf8(text);
    return "text " + (utf8.length > SHOWN_BYTES ? digest(utf8) : text);
  }

  static String binary(byte... bytes) {
    return "binary "
        + (bytes.length > SHOWN_BYTES ? digest(bytes) : HexFormat.of().formatHex(bytes));
  }

  /** A message that came compressed; the words are of what it holds. */
  static String compressed(String message) {
    return "compressed " + message;
  }

  static String pong(String payload) {
    return "pong " + payload;
  }

  static String close(int code) {
    return "close " + code;
  }

  /** A close that says nothing. */
  static String close() {
    return "close";
  }

  static String frame(int opcode, byte[] payload) {
    String utf8 = new String(payload, StandardCharsets.UTF_8);
    return switch (opcode) {
      case Sent.TEXT -> text(utf8);
      case Sent.BINARY -> binary(payload);
      case Sent.PONG -> pong(utf8);
      case Sent.CLOSE ->
          payload.length == 0 ? close() : close(((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF));
      default -> "opcode " + opcode;
    };
  }

  private static String digest(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return String.format(Locale.ROOT, "of %d bytes, CRC %08x", bytes.length, crc.getValue());
  }
}
