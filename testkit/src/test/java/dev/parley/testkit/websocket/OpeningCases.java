package dev.parley.testkit.websocket;

import static dev.parley.testkit.websocket.Handshake.GOOD;
import static dev.parley.testkit.websocket.Handshake.TARGET;
import static dev.parley.testkit.websocket.Handshake.offering;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Handshakes: what opens a WebSocket, what is refused, and what is agreed on. Stateless. */
final class OpeningCases {
  private static final String DEFLATE = "permessage-deflate";
  private static final String FRESH =
      DEFLATE + "; server_no_context_takeover; client_no_context_takeover";

  private OpeningCases() {}

  static Stream<Opening> all() {
    return Stream.of(requests(), upgrades(), versionsAndKeys(), extensions(), parameters())
        .flatMap(List::stream);
  }

  private static Opening row(String name, String section, Handshake request, String answer) {
    return new Opening(name, "RFC 6455 §" + section, request, answer);
  }

  private static List<Opening> requests() {
    String host = "http://localhost";
    return List.of(
        row("a good handshake", "4.2.2", GOOD, "101"),
        row("an absolute target", "4.2.1", GOOD.line("GET " + host + TARGET + " HTTP/1.1"), "101"),
        row("a POST", "4.2.1", GOOD.line("POST " + TARGET + " HTTP/1.1"), "400"),
        row("a HEAD", "4.2.1", GOOD.line("HEAD " + TARGET + " HTTP/1.1"), "400"),
        row("HTTP/1.0", "4.2.1", GOOD.line("GET " + TARGET + " HTTP/1.0"), "400"),
        row("no host", "4.2.1", GOOD.without("Host"), "400"),
        row("two hosts", "4.2.1", GOOD.plus("Host", "elsewhere"), "400"),
        row(
            "subprotocols, of which the server has none",
            "4.2.2",
            GOOD.plus("Sec-WebSocket-Protocol", "chat, superchat"),
            "101"),
        row("headers nobody knows", "4.2.1", GOOD.plus("Sec-WebSocket-X", "y"), "101"));
  }

  private static List<Opening> upgrades() {
    List<Opening> rows = new ArrayList<>();
    for (String upgrade : List.of("WebSocket", "WEBSOCKET", "foo, websocket", "websocket ,foo")) {
      rows.add(row("Upgrade: " + upgrade, "4.2.1", GOOD.with("Upgrade", upgrade), "101"));
    }
    for (String upgrade : List.of("websockets", "web socket", "foo", "")) {
      rows.add(row("Upgrade: " + upgrade, "4.2.1", GOOD.with("Upgrade", upgrade), "400"));
    }
    rows.add(row("no Upgrade", "4.2.1", GOOD.without("Upgrade"), "400"));
    rows.add(
        row(
            "Upgrade on two lines",
            "4.2.1",
            GOOD.with("Upgrade", "foo").plus("Upgrade", "websocket"),
            "101"));
    for (String connection : List.of("upgrade", "UPGRADE", "keep-alive, Upgrade", "a,upgrade ,b")) {
      rows.add(
          row("Connection: " + connection, "4.2.1", GOOD.with("Connection", connection), "101"));
    }
    for (String connection : List.of("keep-alive", "upgrades", "")) {
      rows.add(
          row("Connection: " + connection, "4.2.1", GOOD.with("Connection", connection), "400"));
    }
    rows.add(row("no Connection", "4.2.1", GOOD.without("Connection"), "400"));
    rows.add(
        row(
            "Connection on two lines",
            "4.2.1",
            GOOD.with("Connection", "keep-alive").plus("Connection", "Upgrade"),
            "101"));
    return rows;
  }

  private static List<Opening> versionsAndKeys() {
    List<Opening> rows = new ArrayList<>();
    String version = "Sec-WebSocket-Version";
    for (String other : List.of("0", "8", "12", "14", "013", "13, 8", "13.0", "x", "")) {
      rows.add(row("version " + other, "4.4", GOOD.with(version, other), "426 version 13"));
    }
    rows.add(row("no version", "4.4", GOOD.without(version), "426 version 13"));
    rows.add(row("two versions", "4.4", GOOD.plus(version, "8"), "426 version 13"));
    String key = "Sec-WebSocket-Key";
    rows.add(row("no key", "4.2.1", GOOD.without(key), "400"));
    rows.add(row("two keys", "4.2.1", GOOD.plus(key, "AQIDBAUGBwgJCgsMDQ4PEA=="), "400"));
    for (String other :
        List.of(
            "",
            "dGhlIHNhbXBsZSBub25j", // 15 bytes
            "dGhlIHNhbXBsZSBub25jZTE=", // 17
            "dGhlIHNhbXBsZSBub25jZQ", // no padding
            "dGhlIHNhbXBsZ!Bub25jZQ==")) {
      rows.add(row("the key " + other, "4.2.1", GOOD.with(key, other), "400"));
    }
    return rows;
  }

  private static List<Opening> extensions() {
    List<Opening> rows = new ArrayList<>();
    for (String unknown :
        List.of("x-webkit-deflate-frame", "a, b; c, d; e=f", "a; b=\"c\"", "permessage-bzip2")) {
      rows.add(row("the extension " + unknown, "9.1", offering(unknown), "101"));
    }
    for (String malformed :
        List.of(
            ";",
            "=",
            "a b",
            "a;",
            "a; b c",
            "a; b=",
            "a; =b",
            "a; b=\"c",
            "a; b=\"c d\"",
            "a; b=\"\"",
            "a; b=c=d",
            "a=b",
            "a/b",
            DEFLATE + ";",
            DEFLATE + "; =",
            DEFLATE + ", ;")) {
      rows.add(row("the malformed extension " + malformed, "9.1", offering(malformed), "400"));
    }
    rows.add(row("a list with empty elements", "9.1", offering(", " + DEFLATE + ",,"), agreed("")));
    rows.add(
        row(
            "extensions on two lines",
            "9.1",
            offering("a").plus("Sec-WebSocket-Extensions", DEFLATE),
            agreed("")));
    return rows;
  }

  private static List<Opening> parameters() {
    List<Opening> rows = new ArrayList<>();
    for (String offer :
        List.of(
            "",
            "; server_no_context_takeover",
            "; client_no_context_takeover",
            "; client_no_context_takeover; server_no_context_takeover",
            "; client_max_window_bits",
            "; client_max_window_bits=8",
            "; client_max_window_bits=15",
            "; client_max_window_bits=\"10\"",
            "  ;  client_max_window_bits = 9 ",
            "; server_max_window_bits=10, permessage-deflate",
            "; unknown, permessage-deflate")) {
      rows.add(parameter(offer, agreed("")));
    }
    rows.add(parameter("; server_max_window_bits=15", agreed("; server_max_window_bits=15")));
    rows.add(
        parameter(
            "; server_max_window_bits=\"15\"; client_max_window_bits",
            agreed("; server_max_window_bits=15")));
    for (String offer :
        List.of(
            "; server_no_context_takeover=1",
            "; client_no_context_takeover=true",
            "; server_no_context_takeover; server_no_context_takeover",
            "; client_no_context_takeover; client_no_context_takeover",
            "; server_max_window_bits",
            "; server_max_window_bits=7",
            "; server_max_window_bits=8",
            "; server_max_window_bits=14",
            "; server_max_window_bits=16",
            "; server_max_window_bits=015",
            "; server_max_window_bits=15; server_max_window_bits=15",
            "; client_max_window_bits=7",
            "; client_max_window_bits=16",
            "; client_max_window_bits=08",
            "; client_max_window_bits=+9",
            "; client_max_window_bits=x",
            "; client_max_window_bits; client_max_window_bits=10",
            "; unknown",
            "; unknown=1")) {
      rows.add(parameter(offer, "101"));
    }
    return rows;
  }

  private static Opening parameter(String offer, String answer) {
    String name = DEFLATE + offer + (answer.equals("101") ? " is declined" : " is agreed on");
    return new Opening(name, "RFC 7692 §7.1", offering(DEFLATE + offer), answer);
  }

  private static String agreed(String parameters) {
    return "101 " + FRESH + parameters;
  }
}
