package dev.parley.testkit.websocket;

import static dev.parley.testkit.websocket.Sent.BINARY;
import static dev.parley.testkit.websocket.Sent.CONTINUATION;
import static dev.parley.testkit.websocket.Sent.FIN;
import static dev.parley.testkit.websocket.Sent.PONG;
import static dev.parley.testkit.websocket.Sent.TEXT;
import static dev.parley.testkit.websocket.Sent.utf8;

import java.util.stream.Stream;

/** Messages in fragments, and what may come between them (RFC 6455 §5.4). Stateless. */
final class FragmentCases {
  private static final byte[] NONE = {};

  private FragmentCases() {}

  static Stream<Exchange> all() {
    return Stream.concat(whole(), broken());
  }

  private static Exchange row(String name, byte[] sent, String... answers) {
    return Exchange.of(name, "RFC 6455 §5.4", sent, answers);
  }

  private static Exchange refused(String name, byte[]... sent) {
    return row(name, Sent.all(Sent.all(sent), Sent.text("4unheard")), Heard.close(1002));
  }

  private static Stream<Exchange> whole() {
    byte[] bytes = Sent.bytes(300);
    byte[] halves = Sent.fragments(TEXT, utf8("4a"), utf8("b"));
    return Stream.of(
        row("a text in two fragments", halves, Heard.text("4ab")),
        row("two messages in fragments", Sent.all(halves, halves), "text 4ab", "text 4ab"),
        row("fragments of one byte", Sent.crumbs(TEXT, utf8("4fragments")), "text 4fragments"),
        row("300 fragments of one byte", Sent.crumbs(BINARY, bytes), Heard.binary(bytes)),
        row("an empty first fragment", Sent.fragments(TEXT, NONE, utf8("4a")), "text 4a"),
        row("an empty last fragment", Sent.fragments(TEXT, utf8("4a"), NONE), "text 4a"),
        row(
            "empty fragments in the middle",
            Sent.fragments(TEXT, utf8("4"), NONE, NONE, utf8("a")),
            "text 4a"),
        row("empty fragments only", Sent.fragments(BINARY, NONE, NONE, NONE), Heard.binary()),
        row(
            "fragments of 65,536 bytes",
            Sent.fragments(BINARY, Sent.bytes(65_536), bytes),
            Heard.binary(Sent.all(Sent.bytes(65_536), bytes))),
        row(
            "a ping between fragments",
            Sent.all(Sent.frame(TEXT, "4"), Sent.ping("now"), Sent.frame(FIN | CONTINUATION, "a")),
            Heard.pong("now"),
            Heard.text("4a")),
        row(
            "pings and a pong between all fragments",
            Sent.all(
                Sent.frame(BINARY, (byte) 1),
                Sent.ping("1"),
                Sent.frame(FIN | PONG),
                Sent.frame(CONTINUATION, (byte) 2),
                Sent.ping("2"),
                Sent.ping(""),
                Sent.frame(FIN | CONTINUATION, (byte) 3)),
            Heard.pong("1"),
            Heard.pong("2"),
            Heard.pong(""),
            Heard.binary((byte) 1, (byte) 2, (byte) 3)),
        row(
            "a close between fragments",
            Sent.all(Sent.frame(TEXT, "4"), Sent.close(1001, ""), Sent.frame(FIN, "a")),
            Heard.close(1001)));
  }

  private static Stream<Exchange> broken() {
    byte[] start = Sent.frame(TEXT, "4");
    byte[] end = Sent.frame(FIN | CONTINUATION, "a");
    return Stream.of(
        refused("a last fragment of nothing", end),
        refused("an empty last fragment of nothing", Sent.frame(FIN | CONTINUATION)),
        refused("a fragment of nothing", Sent.frame(CONTINUATION, "4a")),
        row("a fragment after the last", Sent.all(start, end), Heard.text("4a"))
            .then(Sent.frame(CONTINUATION, "4b"), Heard.close(1002)),
        row("a fragment after a whole message", Sent.text("4a"), Heard.text("4a"))
            .then(end, Heard.close(1002)),
        refused("a text within a text", start, Sent.text("4b"), end),
        refused("the start of a text within a text", start, Sent.frame(TEXT, "4b"), end),
        refused("a binary within a text", start, Sent.binary((byte) 1), end),
        refused("a text within a binary", Sent.frame(BINARY), Sent.text("4b"), end),
        refused("a text within a text after a pong", start, Sent.frame(FIN | PONG), start));
  }
}
