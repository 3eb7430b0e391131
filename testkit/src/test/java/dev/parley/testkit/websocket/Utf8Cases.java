package dev.parley.testkit.websocket;

import static dev.parley.testkit.websocket.Sent.FIN;
import static dev.parley.testkit.websocket.Sent.TEXT;
import static dev.parley.testkit.websocket.Sent.hex;
import static dev.parley.testkit.websocket.Sent.utf8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Texts, which must be UTF-8 when they are whole (RFC 6455 §8.1, RFC 3629 §3). Stateless. */
final class Utf8Cases {
  private Utf8Cases() {}

  static Stream<Exchange> all() {
    return Stream.of(characters(), cuts(), malformed(), places()).flatMap(List::stream);
  }

  private static Exchange row(String name, byte[] sent, String... answers) {
    return Exchange.of(name, "RFC 6455 §8.1", sent, answers);
  }

  private static Exchange refused(String name, byte[] sent) {
    return row(name, Sent.all(sent, Sent.text("4unheard")), Heard.close(1007));
  }

  /** The borders of each length, and those of the surrogates. */
  private static List<Exchange> characters() {
    List<Exchange> rows = new ArrayList<>();
    for (int point :
        new int[] {
          0, 1, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000,
          0x1F99C, 0x10FFFF
        }) {
      String text = "4" + Character.toString(point);
      String name = "U+" + Integer.toHexString(0x1000000 | point).substring(1);
      rows.add(row(name, Sent.text(text), Heard.text(text)));
    }
    return rows;
  }

  /** Each way to cut a character of two, three and four bytes. */
  private static List<Exchange> cuts() {
    List<Exchange> rows = new ArrayList<>();
    String text = "4é€🦜";
    byte[] bytes = utf8(text);
    for (int at = 1; at < bytes.length; at++) {
      byte[] sent =
          Sent.fragments(
              TEXT, Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at, bytes.length));
      rows.add(row("characters cut after " + at + " bytes", sent, Heard.text(text)));
    }
    rows.add(row("characters in single bytes", Sent.crumbs(TEXT, bytes), Heard.text(text)));
    return rows;
  }

  private static List<Exchange> malformed() {
    List<Exchange> rows = new ArrayList<>();
    String[] sequences = {
      "a lone continuation, 80",
      "another lone continuation, BF",
      "a byte that never occurs, FE",
      "another byte that never occurs, FF",
      "an overlong NUL, C080",
      "an overlong slash, C0AF",
      "an overlong U+7F, C1BF",
      "an overlong slash of three bytes, E080AF",
      "an overlong U+7FF, E09FBF",
      "an overlong slash of four bytes, F08080AF",
      "an overlong U+FFFF, F08FBFBF",
      "five bytes, F888808080",
      "six bytes, FC8480808080",
      "the first surrogate, EDA080",
      "the last surrogate, EDBFBF",
      "a pair of surrogates, EDA0BDEDB880",
      "U+110000, F4908080",
      "U+13FFFF, F4BFBFBF",
      "U+140000, F5808080",
      "one of two bytes, C3",
      "one of three bytes, E2",
      "two of three bytes, E282",
      "three of four bytes, F09FA6",
      "two bytes that break off, C32034",
      "three bytes that break off, E28234",
      "four bytes that break off, F09FA634",
      "a continuation too many, C3A9A9",
    };
    for (String sequence : sequences) {
      String[] parts = sequence.split(", ", 2);
      rows.add(refused(parts[0], Sent.frame(FIN | TEXT, Sent.all(utf8("4a"), hex(parts[1])))));
    }
    return rows;
  }

  private static List<Exchange> places() {
    return List.of(
        refused(
            "malformed behind 65,536 characters",
            Sent.frame(FIN | TEXT, Sent.all(utf8("4" + "x".repeat(65_536)), hex("C3")))),
        refused(
            "malformed across fragments", Sent.fragments(TEXT, hex("34 E2"), hex("82"), hex("28"))),
        refused("malformed in the first fragment", Sent.fragments(TEXT, hex("34 FF"), utf8("a"))),
        refused("cut at the end of fragments", Sent.fragments(TEXT, hex("34 F09F"), hex("A6"))),
        refused(
            "cut before an empty last fragment", Sent.fragments(TEXT, hex("34 C3"), new byte[0])),
        row("anything in bytes", Sent.binary(hex("C080 EDA080 FF")), "binary c080eda080ff"));
  }
}
