package dev.parley.testkit.websocket;

import static dev.parley.testkit.websocket.Sent.BINARY;
import static dev.parley.testkit.websocket.Sent.FIN;
import static dev.parley.testkit.websocket.Sent.RSV1;
import static dev.parley.testkit.websocket.Sent.TEXT;
import static dev.parley.testkit.websocket.Sent.hex;

import java.util.Arrays;
import java.util.stream.Stream;

/** Messages up to the limit and beyond it. Stateless. */
final class LimitCases {
  /** The {@code maxPayload} of the server. */
  static final int MAX_BYTES = 100_000;

  private static final int BOMB_BYTES = 50_000_000;

  private LimitCases() {}

  static Stream<Exchange> all() {
    return Stream.concat(plain(), compressed());
  }

  private static Exchange row(String name, byte[] sent, String... answers) {
    return Exchange.of(name, "RFC 6455 §10.4", sent, answers);
  }

  private static Exchange tooLarge(String name, byte[] sent) {
    return row(name, sent, Heard.close(1009));
  }

  /** Clients that leave the server waiting, which it does not do for ever. */
  static Stream<Exchange> silences() {
    return Stream.of(
        row("a close that is never answered", CloseCases.LEAVE, Heard.close(1000)),
        row("fragments that never end", Sent.frame(TEXT, "4abc"), Heard.close(1008)),
        row("a frame that never ends", hex("8184 00000000 34"), Heard.close(1008)));
  }

  private static Stream<Exchange> plain() {
    byte[] most = Sent.bytes(MAX_BYTES);
    byte[] half = Sent.bytes(MAX_BYTES / 2);
    byte[] one = {1};
    return Stream.of(
        row("as many bytes as allowed", Sent.binary(most), Heard.binary(most)),
        row(
            "as many as allowed in two fragments",
            Sent.fragments(BINARY, half, half),
            Heard.binary(Sent.all(half, half))),
        tooLarge("one byte too many", Sent.binary(Sent.bytes(MAX_BYTES + 1))),
        tooLarge("the head of a frame too large", hex("82FF 00000000000186A1 00000000")),
        tooLarge("the head of a frame of 4 GB", hex("82FF 0000000100000000 00000000")),
        tooLarge("the head of the largest frame", hex("82FF 7FFFFFFFFFFFFFFF 00000000")),
        tooLarge(
            "a text too large", Sent.all(Sent.text("4" + "x".repeat(MAX_BYTES)), Sent.ping("a"))),
        tooLarge("fragments too large together", Sent.fragments(BINARY, half, half, one)),
        tooLarge("a fragment too large", Sent.fragments(TEXT, Sent.bytes(MAX_BYTES + 1), one)),
        tooLarge(
            "fragments too large before the last",
            Sent.all(Sent.frame(BINARY, most), Sent.frame(0, one))));
  }

  private static Stream<Exchange> compressed() {
    byte[] most = new byte[MAX_BYTES];
    byte[] over = Sent.deflate(new byte[MAX_BYTES + 1]);
    byte[] bomb = Sent.deflate(new byte[BOMB_BYTES]);
    int half = over.length / 2;
    byte[][] halves = {
      Arrays.copyOf(over, half), java.util.Arrays.copyOfRange(over, half, over.length)
    };
    return Stream.of(
        deflated(
            "as many bytes as allowed, compressed",
            Sent.frame(FIN | RSV1 | BINARY, Sent.deflate(most)),
            Heard.compressed(Heard.binary(most))),
        deflated(
            "one byte too many, compressed",
            Sent.frame(FIN | RSV1 | BINARY, over),
            Heard.close(1009)),
        deflated(
            "one byte too many, compressed, in fragments",
            Sent.fragments(RSV1 | BINARY, halves),
            Heard.close(1009)),
        deflated(
            "50 MB in " + bomb.length + " bytes",
            Sent.frame(FIN | RSV1 | BINARY, bomb),
            Heard.close(1009)));
  }

  private static Exchange deflated(String name, byte[] sent, String... answers) {
    return Exchange.deflated(name, "RFC 7692 §8", sent, answers);
  }
}
