package dev.parley.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * What one reply weighs on each wire, each word an event, beside the model's own chunks for the
 * same words: all bytes that a client gets, heads of answers and framing included. On the
 * scenario's thread, and one for each client.
 */
final class ReplyBytes {
  private static final int WORDS = 200;
  private static final String SCRIPT = "?text=prose&tokens=" + WORDS;

  /** What the persona's model is called: slow enough for every word to go alone. */
  static final String MODEL = "scripted" + SCRIPT + "&rate=10&first=1s";

  /** Of conversation and reply, as long as what the server gives. */
  private static final String NAME = "aReplyNamedByTheServer";

  private static final String FINISHED = "\"state\":\"finished\"";
  private static final String DEFLATE = "sec-websocket-extensions: permessage-deflate\r\n";

  private final Trial trial;
  private final Table table =
      new Table("reply of " + WORDS + " words", "events", "bytes", "bytes a word", "fewer", "aim");

  ReplyBytes(Trial trial) {
    this.trial = trial;
  }

  Table measure() throws Exception {
    try (Asker asker = new Asker(trial.server())) {
      asker.create(NAME, Trial.PROSE, "me");
      asker.say(NAME, NAME, "me");
    }
    Map<String, FutureTask<String>> clients = new LinkedHashMap<>();
    clients.put("OpenAI's chat chunks, from the model", new FutureTask<>(this::chunks));
    clients.put("SSE of the run", get("/api/runs/" + NAME, FINISHED));
    clients.put("Socket.IO", new FutureTask<>(() -> socketIo("")));
    clients.put("Socket.IO, permessage-deflate", new FutureTask<>(() -> socketIo(DEFLATE)));
    clients.put(
        "Durable Streams, SSE", get("/v1/stream/runs/" + NAME + "?offset=-1&live=sse", FINISHED));
    clients.put("AI SDK", get("/api/chat/" + NAME + "/stream", "[DONE]"));
    clients.values().forEach(Thread.ofVirtual()::start);
    int base = 0;
    for (var client : clients.entrySet()) {
      String read = client.getValue().get();
      base = base == 0 ? read.length() : base;
      table.row(
          client.getKey(),
          Integer.toString(read.split("\"(text|content|delta)\":\"", -1).length - 1),
          Integer.toString(read.length()),
          String.format(Locale.ROOT, "%.1f", (double) read.length() / WORDS),
          String.format(Locale.ROOT, "%.1f %%", 100 - 100.0 * read.length() / base),
          "80 %");
    }
    return table;
  }

  /** The model's answer to who asks it directly; its name is as long as real ones are. */
  private String chunks() throws IOException {
    String body = "{\"model\":\"gpt" + SCRIPT + "\",\"stream\":true,\"messages\":[]}";
    return answer(
        trial.model().uri(),
        "POST /v1/chat/completions HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: "
            + body.getBytes(StandardCharsets.UTF_8).length
            + "\r\n",
        body,
        "[DONE]");
  }

  private FutureTask<String> get(String path, String mark) {
    Callable<String> client =
        () ->
            answer(
                trial.server(),
                "GET " + path + " HTTP/1.1\r\naccept: text/event-stream\r\n",
                "",
                mark);
    return new FutureTask<>(client);
  }

  private static String answer(URI server, String head, String body, String mark)
      throws IOException {
    try (RawExchange exchange = new RawExchange(server)) {
      exchange.send(head + "host: " + server.getAuthority() + "\r\n\r\n" + body);
      return exchange.readUntil(mark);
    }
  }

  /** From the request to follow the reply on, over a connection that was open before. */
  private String socketIo(String extensions) throws IOException {
    try (RawExchange exchange = new RawExchange(trial.server())) {
      exchange.send(
          "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: "
              + trial.server().getAuthority()
              + "\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
              + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"
              + extensions
              + "\r\n");
      String upgraded = exchange.readUntil("\"sid\"");
      if (!extensions.isEmpty() && !upgraded.contains("permessage-deflate")) {
        throw new IOException("no permessage-deflate: " + upgraded);
      }
      exchange.sendFrame("40/conversations,");
      var _ = exchange.readUntil("40/conversations,");
      exchange.sendFrame("42/conversations,0[\"run:open\",\"" + NAME + "\"]");
      return exchange.readUntil(FINISHED);
    }
  }
}
