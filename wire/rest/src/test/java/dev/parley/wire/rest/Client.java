package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One person, over real HTTP. Any thread. */
final class Client {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final String base;
  private final String header;
  private final String value;

  private Client(int port, String header, String value) {
    this.base = "http://127.0.0.1:" + port + "/api";
    this.header = header;
    this.value = value;
  }

  static Client person(Stage stage, String person) {
    return new Client(stage.port(), "parley-person", person);
  }

  static Client token(Stage stage, String name) {
    return new Client(stage.port(), "authorization", "Bearer " + name);
  }

  /** What was answered. */
  record Reply(int status, HttpResponse<byte[]> response) {
    JsonNode json() {
      return JSON.readTree(response.body());
    }

    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    Reply expect(int status) {
      assertThat(this.status).describedAs(text()).isEqualTo(status);
      return this;
    }

    Reply refused(int status, String code) {
      expect(status);
      assertThat(json().path("error").path("code").asString("")).isEqualTo(code);
      assertThat(json().path("error").path("message").asString("")).isNotEmpty();
      return this;
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).header(header, value);
  }

  Reply send(String method, String path, String body) {
    try {
      var response =
          HTTP.send(
              request(path).method(method, BodyPublishers.ofString(body)).build(),
              BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), response);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** With a key under which it is done once. */
  Reply once(String key, String path, String body) {
    try {
      var response =
          HTTP.send(
              request(path)
                  .header("idempotency-key", key)
                  .POST(BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofByteArray());
      return new Reply(response.statusCode(), response);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Reply get(String path) {
    return send("GET", path, "");
  }

  Reply post(String path, String body) {
    return send("POST", path, body);
  }

  /** An event; a comment has the name ":", the end of the answer the name "end". */
  record Event(String id, String name, String data) {
    JsonNode json() {
      return JSON.readTree(data.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** An SSE answer that is read on a thread of its own. */
  final class Events implements AutoCloseable {
    final int status;
    final HttpResponse<InputStream> response;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    Events(String path, @Nullable String lastEventId) {
      try {
        HttpRequest.Builder request = request(path).header("accept", "text/event-stream");
        if (lastEventId != null) {
          request.header("last-event-id", lastEventId);
        }
        response = HTTP.send(request.build(), BodyHandlers.ofInputStream());
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
      status = response.statusCode();
      Thread.startVirtualThread(this::read);
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        String id = "";
        String name = "";
        List<String> data = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith(":")) {
            events.add(new Event("", ":", ""));
          } else if (line.startsWith("id: ")) {
            id = line.substring(4);
          } else if (line.startsWith("event: ")) {
            name = line.substring(7);
          } else if (line.startsWith("data: ")) {
            data.add(line.substring(6));
          } else if (line.isEmpty() && !data.isEmpty()) {
            events.add(new Event(id, name, String.join("\n", data)));
            id = "";
            name = "";
            data.clear();
          }
        }
      } catch (IOException e) {
        // the same to the test as an end
      }
      events.add(new Event("", "end", ""));
    }

    /** The next one, whatever it is. */
    Event any() {
      try {
        Event event = events.poll(20, TimeUnit.SECONDS);
        if (event == null) {
          throw new AssertionError("no event within 20 s");
        }
        return event;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** The next one of that name; others are skipped. */
    Event next(String name) {
      Event event = any();
      while (!event.name().equals(name)) {
        if (event.name().equals("end")) {
          throw new AssertionError("the answer ended");
        }
        event = any();
      }
      return event;
    }

    /** The next stored event. */
    Event next() {
      return next("");
    }

    /** The next stored event of that type. */
    JsonNode nextOf(String type) {
      JsonNode event = next().json();
      while (!event.path("type").asString("").equals(type)) {
        event = next().json();
      }
      return event;
    }

    /** Stored events up to the end of the answer. */
    List<Event> rest() {
      List<Event> rest = new ArrayList<>();
      for (Event event = any(); !event.name().equals("end"); event = any()) {
        if (event.name().isEmpty()) {
          rest.add(event);
        }
      }
      return rest;
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

  Events follow(String path) {
    return new Events(path, null);
  }

  Events follow(String path, String lastEventId) {
    return new Events(path, lastEventId);
  }
}
