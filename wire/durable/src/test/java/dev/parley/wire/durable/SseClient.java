package dev.parley.wire.durable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Reads one SSE answer on a thread of its own. */
final class SseClient implements AutoCloseable {
  /** An event, a comment (kind ":"), or the end (kind ""). */
  record Event(String kind, String data) {}

  final HttpResponse<InputStream> response;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  SseClient(HttpClient http, URI uri) throws IOException, InterruptedException {
    response =
        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofInputStream());
    Thread.startVirtualThread(this::read);
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String kind = "";
      List<String> data = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(":")) {
          events.add(new Event(":", ""));
        } else if (line.startsWith("event: ")) {
          kind = line.substring(7);
        } else if (line.startsWith("data:")) {
          data.add(line.substring(5));
        } else if (line.isEmpty() && !kind.isEmpty()) {
          events.add(new Event(kind, String.join("\n", data)));
          kind = "";
          data.clear();
        }
      }
    } catch (IOException e) {
      // The same to the test as an end.
    }
    events.add(new Event("", ""));
  }

  Event next() throws InterruptedException {
    Event event = events.poll(20, TimeUnit.SECONDS);
    if (event == null) {
      throw new AssertionError("no event within 20 s");
    }
    return event;
  }

  /** The next one that is no comment. */
  Event nextEvent() throws InterruptedException {
    Event event = next();
    while (event.kind().equals(":")) {
      event = next();
    }
    return event;
  }

  @Override
  public void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
