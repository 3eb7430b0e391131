package dev.parley.wire.rest;

import dev.parley.conversation.request.Asker;
import dev.parley.conversation.request.Body;
import dev.parley.conversation.request.Names;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.hub.Caller;
import dev.parley.stream.Quotable;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request and who makes it. Confined to the loop of its response; what is in the request is read
 * before the first step that waits.
 *
 * @param names what stands in the address for the {@code {names}} of its route
 */
record Call(
    Request request,
    Response response,
    Caller caller,
    Map<String, String> names,
    int maxBodyBytes) {
  private static final int LONGEST_KEY = 256;

  String name(String key) {
    String name = names.get(key);
    if (name == null) {
      throw new IllegalStateException("a route without {" + key + "}");
    }
    return name;
  }

  /** The conversation it is about. */
  String conversation() {
    String conversation = name("id");
    if (!Names.isName(conversation)) {
      throw RequestRefused.noConversation();
    }
    return conversation;
  }

  /** Who asks. */
  Asker asker() {
    String header = request.header("parley-person");
    return new Asker(caller, header != null ? header : request.query("person"));
  }

  Body body() {
    return new Body("", Json.body(request.body(), maxBodyBytes));
  }

  /** The body, with names out of the {@code Idempotency-Key} for what is made, if there is one. */
  Body named(String... fields) {
    Body body = body();
    String key = idempotencyKey();
    return key == null ? body : IdempotentNames.of(this, key, body).into(body, fields);
  }

  @Nullable String idempotencyKey() {
    String key = request.header("idempotency-key");
    if (key != null
        && (key.isEmpty()
            || key.length() > LONGEST_KEY
            || !key.chars().allMatch(c -> c >= ' ' && c < 0x7f))) {
      throw RequestRefused.badField(
          "idempotency-key: "
              + Quotable.of(key)
              + " (expected: 1 to "
              + LONGEST_KEY
              + " characters of ASCII)");
    }
    return key;
  }

  /** A query parameter, {@code null} when it is missing or empty. */
  @Nullable String query(String name) {
    String value = request.query(name);
    return value == null || value.isEmpty() ? null : value;
  }

  static long number(String key, String value, long least, long most) {
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // refused below, as a number out of range is
    }
    throw RequestRefused.badField(
        key
            + ": "
            + Quotable.of(value)
            + " (expected: a whole number from "
            + least
            + (most == Long.MAX_VALUE ? " on)" : " to " + most + ")"));
  }

  /** Where the client of an SSE answer is, -1 when it does not say. */
  long after() {
    String last = request.header("last-event-id");
    if (last != null && !last.isEmpty()) {
      return number("last-event-id", last, 0, Long.MAX_VALUE);
    }
    String after = query("after");
    return after == null ? -1 : number("after", after, 0, Long.MAX_VALUE);
  }
}
