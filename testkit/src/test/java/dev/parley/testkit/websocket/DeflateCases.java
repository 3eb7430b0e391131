package dev.parley.testkit.websocket;

import static dev.parley.testkit.websocket.Sent.BINARY;
import static dev.parley.testkit.websocket.Sent.CONTINUATION;
import static dev.parley.testkit.websocket.Sent.FIN;
import static dev.parley.testkit.websocket.Sent.PING;
import static dev.parley.testkit.websocket.Sent.RSV1;
import static dev.parley.testkit.websocket.Sent.TEXT;
import static dev.parley.testkit.websocket.Sent.deflate;
import static dev.parley.testkit.websocket.Sent.hex;
import static dev.parley.testkit.websocket.Sent.utf8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;

/** Messages with permessage-deflate agreed on, without context takeover. Stateless. */
final class DeflateCases {
  /** Shorter messages of the server are not compressed. */
  static final int FROM_BYTES = 64;

  private static final String LONG = "4" + "Parley parlays ".repeat(10);
  private static final String HELLO = Heard.binary(utf8("Hello"));

  private DeflateCases() {}

  static Stream<Exchange> all() {
    return Stream.of(blocks(), malformed(), messages(), bits()).flatMap(List::stream);
  }

  private static Exchange row(String name, String section, byte[] sent, String... answers) {
    return Exchange.deflated(name, "RFC 7692 §" + section, sent, answers);
  }

  private static byte[] compressed(String blocks) {
    return Sent.frame(FIN | RSV1 | BINARY, hex(blocks));
  }

  /** The five bytes of Hello in every form DEFLATE has; those of §7.2.3 among them. */
  private static List<Exchange> blocks() {
    List<Exchange> rows = new ArrayList<>();
    String[] forms = {
      "one block, 7.2.3.1, f248cdc9c90700",
      "a stored block, 7.2.3.3, 000500faff48656c6c6f00",
      "a final block, 7.2.3.4, f348cdc9c9070000",
      "two blocks, 7.2.3.5, f248050000 00ffffcac9c90700",
      "empty blocks before it, 7.2.1, 000000ffff 000000ffff f248cdc9c90700",
      "two stored blocks, 7.2.1, 000200fdff4865 000300fcff6c6c6f 00",
      "two final blocks, 7.2.1, 010200fdff4865 010300fcff6c6c6f 00",
      "a final block and another, 7.2.1, 010200fdff4865 000300fcff6c6c6f 00",
      "an empty final block and another, 7.2.1, 0300 f248cdc9c90700",
    };
    for (String form : forms) {
      String[] parts = form.split(", ", 3);
      rows.add(row(parts[0], parts[1], compressed(parts[2]), HELLO));
    }
    rows.add(row("an empty message", "7.2.3.6", compressed("00"), Heard.binary()));
    rows.add(row("an empty message as a final block", "7.2.1", compressed("0300 00"), "binary "));
    rows.add(row("an empty message without a byte", "7.2.2", compressed(""), Heard.binary()));
    for (int level = 0; level < 10; level++) {
      Deflater deflater = new Deflater(level, true);
      byte[] blocks = Sent.deflate(deflater, utf8(LONG));
      deflater.end();
      byte[] sent = Sent.frame(FIN | RSV1 | TEXT, blocks);
      String name = "a message compressed at level " + level;
      rows.add(row(name, "7.2.1", sent, Heard.compressed(Heard.text(LONG))));
    }
    return rows;
  }

  private static List<Exchange> malformed() {
    List<Exchange> rows = new ArrayList<>();
    String[] forms = {
      "rubbish, ffffffff",
      "the tail left on, f248cdc9c907 00 0000ffff",
      "the reserved kind of block, 07",
      "a stored block whose length is wrong, 000500faf048656c6c6f00",
      "a distance to before the message, c2240100",
      "a block cut within, f248cdc9",
      "a stored block cut within, 000500faff4865",
      "a long stored block cut within, 006400 9bff48",
      "a block cut in its codes, 05c0",
      "a final block, then rubbish, f348cdc9c90700 ffff",
      "a final block, then one cut within, f348cdc9c90700 006400 9bff 48",
    };
    for (String form : forms) {
      int comma = form.lastIndexOf(", ");
      rows.add(
          row(
              form.substring(0, comma),
              "7.2.2",
              Sent.all(compressed(form.substring(comma + 2)), Sent.text("4unheard")),
              Heard.close(1007)));
    }
    Deflater kept = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    byte[] first = Sent.frame(FIN | RSV1 | TEXT, Sent.deflate(kept, utf8(LONG)));
    byte[] second = Sent.frame(FIN | RSV1 | TEXT, Sent.deflate(kept, utf8(LONG)));
    kept.end();
    rows.add(
        row(
                "a window kept though not agreed on",
                "7.1.1.2",
                first,
                Heard.compressed(Heard.text(LONG)))
            .then(second, Heard.close(1007)));
    rows.add(
        row(
            "a text that is no UTF-8 once inflated",
            "6.2",
            Sent.frame(FIN | RSV1 | TEXT, deflate(hex("34 C0AF"))),
            Heard.close(1007)));
    return rows;
  }

  private static List<Exchange> messages() {
    byte[] blocks = deflate(utf8(LONG));
    byte[] start = Arrays.copyOf(blocks, 5);
    byte[] rest = Arrays.copyOfRange(blocks, 5, blocks.length);
    byte[] whole = Sent.frame(FIN | RSV1 | TEXT, blocks);
    byte[] brief = Sent.frame(FIN | RSV1 | TEXT, deflate(utf8("4brief")));
    String long1 = Heard.compressed(Heard.text(LONG));
    return List.of(
        row("three compressed messages", "6", Sent.all(whole, whole, whole), long1, long1, long1),
        row("a compressed message", "6", whole, long1).byteByByte(),
        row("a message that is not compressed", "6", Sent.text("4plain"), "text 4plain"),
        row("an answer too short to compress", "6", brief, Heard.text("4brief")),
        row(
            "compressed and other messages in turn",
            "6",
            Sent.all(whole, Sent.text("4a"), brief, Sent.text(LONG)),
            long1,
            "text 4a",
            "text 4brief",
            long1),
        row(
            "a compressed message in fragments",
            "6.1",
            Sent.fragments(RSV1 | TEXT, start, rest),
            long1),
        row("a compressed message in single bytes", "6.1", Sent.crumbs(RSV1 | TEXT, blocks), long1),
        row(
            "an empty first fragment, compressed",
            "6.1",
            Sent.fragments(RSV1 | TEXT, new byte[0], blocks),
            long1),
        row(
            "an empty last fragment, compressed",
            "6.1",
            Sent.fragments(RSV1 | TEXT, blocks, new byte[0]),
            long1),
        row(
            "a ping between compressed fragments",
            "6.1",
            Sent.all(
                Sent.frame(RSV1 | TEXT, start),
                Sent.ping("now"),
                Sent.frame(FIN | CONTINUATION, rest)),
            Heard.pong("now"),
            long1),
        row(
            "fragments that are not compressed",
            "6.1",
            Sent.fragments(TEXT, utf8("4"), utf8("a")),
            Heard.text("4a")));
  }

  private static List<Exchange> bits() {
    byte[] blocks = deflate(utf8(LONG));
    byte[] start = Sent.frame(RSV1 | TEXT, blocks);
    return List.of(
        refused("its bit on a continuation", Sent.all(start, Sent.frame(FIN | RSV1, hex("00")))),
        refused(
            "its bit on the continuation of a plain message",
            Sent.all(Sent.frame(TEXT, "4"), Sent.frame(FIN | RSV1, hex("00")))),
        refused("its bit on a ping", Sent.frame(FIN | RSV1 | PING)),
        refused("its bit on a pong", Sent.frame(FIN | RSV1 | Sent.PONG)),
        refused("its bit on a close", Sent.frame(FIN | RSV1 | Sent.CLOSE, hex("03E8"))),
        refused("its bit and the second", Sent.frame(FIN | RSV1 | 0x20 | TEXT, blocks)),
        refused("its bit and the third", Sent.frame(FIN | RSV1 | 0x10 | TEXT, blocks)),
        refused("its bit on a reserved opcode", Sent.frame(FIN | RSV1 | 3, blocks)));
  }

  private static Exchange refused(String name, byte[] sent) {
    return row(name, "6", Sent.all(sent, Sent.text("4unheard")), Heard.close(1002));
  }
}
