package dev.parley.testkit.websocket;

import static dev.parley.testkit.websocket.Sent.BINARY;
import static dev.parley.testkit.websocket.Sent.CLOSE;
import static dev.parley.testkit.websocket.Sent.CONTINUATION;
import static dev.parley.testkit.websocket.Sent.FIN;
import static dev.parley.testkit.websocket.Sent.PING;
import static dev.parley.testkit.websocket.Sent.PONG;
import static dev.parley.testkit.websocket.Sent.TEXT;
import static dev.parley.testkit.websocket.Sent.hex;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Single frames: lengths, masks, reserved bits and opcodes, control frames. Stateless. */
final class FramingCases {
  private FramingCases() {}

  static Stream<Exchange> all() {
    return Stream.of(lengths(), longerLengths(), masks(), reserved(), controls(), arrivals())
        .flatMap(List::stream);
  }

  private static Exchange row(String name, String section, byte[] sent, String... answers) {
    return Exchange.of(name, "RFC 6455 §" + section, sent, answers);
  }

  private static Exchange refused(String name, String section, byte[] sent) {
    return row(name, section, Sent.all(sent, Sent.text("4unheard")), Heard.close(1002));
  }

  private static List<Exchange> lengths() {
    List<Exchange> rows = new ArrayList<>();
    for (int size : new int[] {0, 1, 2, 125, 126, 127, 128, 65_535, 65_536, 65_537}) {
      byte[] bytes = Sent.bytes(size);
      rows.add(row(size + " bytes", "5.2", Sent.binary(bytes), Heard.binary(bytes)));
      if (size > 0) { // a packet of Engine.IO has its type at least
        String text = "4" + "x".repeat(size - 1);
        rows.add(row("a text of " + size + " bytes", "5.2", Sent.text(text), Heard.text(text)));
      }
    }
    return rows;
  }

  private static List<Exchange> longerLengths() {
    return List.of(
        refused("0 as a length of 16 bits", "5.2", hex("82FE 0000 00000000")),
        refused("125 as a length of 16 bits", "5.2", hex("82FE 007D 00000000")),
        refused("125 as a length of 64 bits", "5.2", hex("82FF 000000000000007D 00000000")),
        refused("126 as a length of 64 bits", "5.2", hex("82FF 000000000000007E 00000000")),
        refused("65,535 as a length of 64 bits", "5.2", hex("82FF 000000000000FFFF 00000000")),
        refused("a length whose highest bit is set", "5.2", hex("82FF 8000000000000000 00000000")),
        refused("a length of ones only", "5.2", hex("82FF FFFFFFFFFFFFFFFF 00000000")));
  }

  private static List<Exchange> masks() {
    return List.of(
        row("a mask of zeros", "5.3", hex("8182 00000000 3461"), Heard.text("4a")),
        row("a mask of ones", "5.3", hex("8182 FFFFFFFF CB9E"), Heard.text("4a")),
        refused("a text without a mask", "5.1", hex("8102 3461")),
        refused("an empty text without a mask", "5.1", hex("8100")),
        refused("a ping without a mask", "5.1", hex("8901 61")),
        refused("a close without a mask", "5.1", hex("8802 03E8")),
        refused(
            "a last fragment without a mask", "5.1", Sent.all(hex("0181 00000000 34 8001 61"))));
  }

  private static List<Exchange> reserved() {
    List<Exchange> rows = new ArrayList<>();
    for (int bits = 1; bits < 8; bits++) {
      String name = "reserved bits " + Integer.toBinaryString(8 | bits).substring(1);
      rows.add(refused(name, "5.2", Sent.frame(FIN | bits << 4 | TEXT, "4a")));
    }
    rows.add(
        refused(
            "a reserved bit of a continuation",
            "5.2",
            Sent.all(Sent.frame(TEXT, "4"), Sent.frame(FIN | 0x10 | CONTINUATION, "a"))));
    for (int control : new int[] {CLOSE, PING, PONG}) {
      rows.add(
          refused("a reserved bit of opcode " + control, "5.2", Sent.frame(FIN | 0x20 | control)));
    }
    for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
      String name = String.format(Locale.ROOT, "the reserved opcode %X", opcode);
      rows.add(refused(name, "5.2", Sent.frame(FIN | opcode, "4a")));
      rows.add(refused(name + ", not final", "5.2", Sent.frame(opcode)));
      rows.add(
          refused(
              name + " within a message",
              "5.2",
              Sent.all(Sent.frame(TEXT, "4"), Sent.frame(FIN | opcode))));
    }
    return rows;
  }

  private static List<Exchange> controls() {
    List<Exchange> rows = new ArrayList<>();
    for (int size : new int[] {0, 1, 124, 125}) {
      String payload = "p".repeat(size);
      rows.add(row("a ping of " + size, "5.5.2", Sent.ping(payload), Heard.pong(payload)));
    }
    for (int control : new int[] {CLOSE, PING, PONG}) {
      rows.add(
          refused(
              "126 bytes of opcode " + control, "5.5", Sent.frame(FIN | control, Sent.bytes(126))));
      rows.add(
          refused(
              "a length of 16 bits of opcode " + control,
              "5.5",
              Sent.all(hex(Integer.toHexString(FIN | control) + "FE 0002 00000000 03E8"))));
      rows.add(
          refused(
              "fragments of opcode " + control,
              "5.5",
              Sent.all(Sent.frame(control), Sent.frame(FIN | CONTINUATION))));
    }
    List<String> pongs = new ArrayList<>();
    List<byte[]> pings = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      pings.add(Sent.ping("ping " + i));
      pongs.add(Heard.pong("ping " + i));
    }
    rows.add(
        row(
            "100 pings at once",
            "5.5.2",
            Sent.all(pings.toArray(byte[][]::new)),
            pongs.toArray(String[]::new)));
    rows.add(row("a pong nobody asked for", "5.5.3", Sent.frame(FIN | PONG)));
    rows.add(row("a pong with 125 bytes", "5.5.3", Sent.frame(FIN | PONG, Sent.bytes(125))));
    return rows;
  }

  private static List<Exchange> arrivals() {
    byte[] long16 = Sent.binary(Sent.bytes(200));
    byte[] message = Sent.fragments(TEXT, Sent.utf8("4"), Sent.utf8("κό"), Sent.utf8("σμε"));
    byte[] three = Sent.all(Sent.text("41"), Sent.binary((byte) 2), Sent.text("43"));
    return List.of(
        row("three messages at once", "5.4", three, Heard.text("41"), "binary 02", "text 43"),
        row("three messages", "5.4", three, Heard.text("41"), "binary 02", "text 43").byteByByte(),
        row("a message of 200 bytes", "5.2", long16, Heard.binary(Sent.bytes(200))).byteByByte(),
        row("a message in fragments", "5.4", message, Heard.text("4κόσμε")).byteByByte(),
        row("a ping", "5.5.2", Sent.ping("slow"), Heard.pong("slow")).byteByByte(),
        row("a close", "5.5.1", Sent.close(1000, "bye"), Heard.close(1000)).byteByByte(),
        row(
            "pings before an error",
            "7.1.7",
            Sent.all(Sent.ping("a"), Sent.ping("b"), Sent.frame(FIN | BINARY | 0x10)),
            Heard.pong("a"),
            Heard.pong("b"),
            Heard.close(1002)));
  }
}
