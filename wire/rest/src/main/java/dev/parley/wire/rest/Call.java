package dev.parley.wire.rest;

import dev.parley.hub.Caller;
import dev.parley.transport.HttpError;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import java.security.SecureRandom;
import java.util.Base64;
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
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String NOBODY_IN_PARTICULAR = "me";
  private static final int LONGEST_PERSON = 256;

  /** A name that nobody guesses. */
  static String newName() {
    byte[] bits = new byte[16];
    RANDOM.nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** Whether a name can be one of ours; what cannot is not looked for. */
  static boolean isName(String name) {
    return name.length() <= 64
        && !name.isEmpty()
        && name.chars()
            .allMatch(c ->
                (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '_'
                    || c == '-');
  }

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
    if (!isName(conversation)) {
      throw Rejection.noConversation();
    }
    return conversation;
  }

  /** Whether tokens tell who somebody is, and not they themselves. */
  boolean keyed() {
    return caller.subject() != null;
  }

  /** Who asks. */
  String person() {
    String subject = caller.subject();
    if (subject != null) {
      if (subject.isEmpty()) {
        throw Rejection.forbidden("access token: no subject (expected: the claim sub, a person)");
      }
      return subject;
    }
    String header = request.header("parley-person");
    String person = header != null ? header : request.query("person");
    if (person == null || person.isEmpty()) {
      return NOBODY_IN_PARTICULAR;
    }
    if (person.length() > LONGEST_PERSON || person.chars().anyMatch(Character::isISOControl)) {
      throw Rejection.badField(
          "person: "
              + HttpError.quotable(person)
              + " (expected: at most "
              + LONGEST_PERSON
              + " characters, no control characters)");
    }
    return person;
  }

  /** Who reads: a person, or {@code null} for one who may see everything and is none. */
  @Nullable String reader() {
    return readsAll() && "".equals(caller.subject()) ? null : person();
  }

  /** Whether membership is not asked for. */
  boolean readsAll() {
    return keyed() && caller.mayAdministrate();
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
    if (key == null || key.isEmpty()) {
      return null;
    }
    if (key.length() > LONGEST_PERSON) {
      throw Rejection.badField(
          "idempotency-key: "
              + key.length()
              + " characters (expected: at most "
              + LONGEST_PERSON
              + ")");
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
    throw Rejection.badField(
        key
            + ": "
            + HttpError.quotable(value)
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
