package dev.parley.examples;

import dev.parley.server.ParleyServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.stream.Stream;

/**
 * A Parley server inside a program: it starts one, follows a stream over Server-Sent Events,
 * appends to it, and stops when the stream is closed.
 */
public final class EmbeddedServer {
  private static final String GREETING = "[{\"from\":\"ada\",\"text\":\"hello\"}]";
  private static final String ANSWER = "[{\"from\":\"grace\",\"text\":\"hello to you\"}]";

  private EmbeddedServer() {}

  static void run(PrintWriter out) throws IOException, InterruptedException {
    try (ParleyServer server = ParleyServer.builder().port(0).inMemory().start();
        HttpClient client = HttpClient.newHttpClient()) {
      URI chat = server.uri().resolve("/v1/stream/chat/lobby");
      out.println("A server of our own: " + server.uri());
      send(client, chat, "PUT", "");
      send(client, chat, "POST", GREETING);

      // From the beginning (-1), then live: what was said before is not missed, nothing comes
      // twice.
      HttpResponse<Stream<String>> following =
          client.send(
              HttpRequest.newBuilder(URI.create(chat + "?offset=-1&live=sse")).build(),
              BodyHandlers.ofLines());
      send(client, chat, "POST", ANSWER);
      close(client, chat);

      try (Stream<String> lines = following.body()) {
        lines
            .filter(line -> line.startsWith("data:") && line.contains("text"))
            .forEach(line -> out.println("heard " + line.substring("data:".length()).strip()));
      }
      out.println("The stream is closed, so the answer ended.");
      server.drain();
    }
  }

  private static void send(HttpClient client, URI stream, String method, String json)
      throws IOException, InterruptedException {
    expectSuccess(
        client.send(
            HttpRequest.newBuilder(stream)
                .method(method, BodyPublishers.ofString(json))
                .header("content-type", "application/json")
                .build(),
            BodyHandlers.ofString()));
  }

  /** Ends the stream: followers hear everything, then their answers end (Durable Streams §5.3). */
  private static void close(HttpClient client, URI stream)
      throws IOException, InterruptedException {
    expectSuccess(
        client.send(
            HttpRequest.newBuilder(stream)
                .POST(BodyPublishers.noBody())
                .header("stream-closed", "true")
                .build(),
            BodyHandlers.ofString()));
  }

  private static void expectSuccess(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() >= 300) {
      throw new IOException(answer.statusCode() + " " + answer.body());
    }
  }
}
