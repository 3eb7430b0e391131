package dev.parley.testkit.websocket;

import static dev.parley.testkit.websocket.Sent.CLOSE;
import static dev.parley.testkit.websocket.Sent.FIN;
import static dev.parley.testkit.websocket.Sent.closing;
import static dev.parley.testkit.websocket.Sent.hex;
import static dev.parley.testkit.websocket.Sent.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Ends: a close is answered by one close, then the connection ends. Stateless. */
final class CloseCases {
  /** A packet of Engine.IO that asks the server to close. */
  static final byte[] LEAVE = Sent.text("1");

  private CloseCases() {}

  static Stream<Exchange> all() {
    return Stream.of(codes(), payloads(), afterwards(), byTheServer()).flatMap(List::stream);
  }

  private static Exchange row(String name, String section, byte[] sent, String... answers) {
    return Exchange.of(name, "RFC 6455 §" + section, sent, answers);
  }

  private static byte[] close(byte[] payload) {
    return Sent.frame(FIN | CLOSE, payload);
  }

  private static List<Exchange> codes() {
    List<Exchange> rows = new ArrayList<>();
    for (int code :
        new int[] {
          1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
          4999
        }) {
      rows.add(row("the code " + code, "7.4", Sent.close(code, ""), Heard.close(code)));
    }
    for (int code :
        new int[] {
          0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 32_768, 65_535
        }) {
      rows.add(row("the wrong code " + code, "7.4", Sent.close(code, ""), Heard.close(1002)));
    }
    return rows;
  }

  private static List<Exchange> payloads() {
    List<Exchange> rows = new ArrayList<>();
    rows.add(row("a close without a code", "7.1.5", close(new byte[0]), Heard.close()));
    rows.add(row("a close of one byte", "5.5.1", close(hex("03")), Heard.close(1002)));
    rows.add(row("a reason", "5.5.1", Sent.close(1000, "bye"), Heard.close(1000)));
    rows.add(row("a reason in Greek", "5.5.1", Sent.close(3001, "κόσμε"), Heard.close(3001)));
    rows.add(
        row(
            "a reason of 123 bytes",
            "5.5.1",
            Sent.close(1000, "r".repeat(123)),
            Heard.close(1000)));
    rows.add(
        row("a reason of 124 bytes", "5.5", Sent.close(1000, "r".repeat(124)), Heard.close(1002)));
    for (String reason : List.of("FF", "C0AF", "EDA080", "F4908080", "61E282", "80")) {
      rows.add(
          row(
              "the malformed reason " + reason,
              "5.5.1",
              close(closing(1000, hex(reason))),
              Heard.close(1007)));
    }
    rows.add(
        row(
            "a reason cut within its last character",
            "5.5.1",
            close(closing(1000, hex("F09FA6"))),
            Heard.close(1007)));
    return rows;
  }

  private static List<Exchange> afterwards() {
    byte[] bye = Sent.close(1000, "");
    return List.of(
        row("a close after a message", "7.1.1", Sent.text("4a"), "text 4a").then(bye, "close 1000"),
        row("a message after a close", "5.5.1", Sent.all(bye, Sent.text("4a")), "close 1000"),
        row("a ping after a close", "5.5.1", Sent.all(bye, Sent.ping("a")), "close 1000"),
        row("a close after a close", "5.5.1", Sent.all(bye, Sent.close(1001, "")), "close 1000"),
        row("a wrong close after a close", "5.5.1", Sent.all(bye, close(hex("03"))), "close 1000"),
        row("rubbish after a close", "5.5.1", Sent.all(bye, Sent.bytes(5000)), "close 1000"),
        row(
            "a close after an error",
            "7.1.7",
            Sent.all(Sent.frame(0x90, ""), bye),
            Heard.close(1002)),
        row(
            "rubbish after an error",
            "7.1.7",
            Sent.all(hex("8100"), Sent.bytes(50_000)),
            Heard.close(1002)));
  }

  private static List<Exchange> byTheServer() {
    byte[] answer = Sent.close(1000, "");
    return List.of(
        row("the server closes", "7.1.2", Sent.all(LEAVE, answer), "close 1000"),
        row(
            "messages and pings are ignored while the server closes",
            "5.5.1",
            Sent.all(LEAVE, Sent.text("4a"), Sent.ping("b"), answer),
            "close 1000"),
        row(
            "an answer with another code",
            "7.1.5",
            Sent.all(LEAVE, Sent.close(4000, "as you wish")),
            "close 1000"),
        row(
            "an error while the server closes",
            "7.1.7",
            Sent.all(LEAVE, hex("8100"), utf8("rubbish")),
            "close 1000"),
        row(
            "an empty text, which Engine.IO does not know",
            "5.6",
            Sent.all(Sent.text(""), Sent.close(1002, "")),
            "close 1002"));
  }
}
