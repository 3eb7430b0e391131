package dev.parley.provider;

import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * What an upstream says when it does not answer, in whichever form: {@code {"error": {"message",
 * "type", "code"}}}, {@code {"error": "…"}}, {@code {"message": …}} or {@code {"detail": …}}.
 */
public record Refusal(String type, String code, String message) {
  private static final Refusal SILENT = new Refusal("", "", "");
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

  /** Reads the body of an answer that is not 200. */
  static Refusal read(byte[] body, int length) {
    try (JsonParser parser = JsonText.parser(body, length)) {
      return parser.nextToken() == JsonToken.START_OBJECT ? readObject(parser) : SILENT;
    } catch (JacksonException notJson) {
      return SILENT;
    }
  }

  /** Reads the object the parser is at, or the string an error may be instead. */
  public static Refusal readValue(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return new Refusal("", "", parser.getString());
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return SILENT;
    }
    return readObject(parser);
  }

  private static Refusal readObject(JsonParser parser) {
    String type = "";
    String code = "";
    String message = "";
    Refusal inner = null;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "error" -> inner = readValue(parser);
        case "type" -> type = JsonText.scalar(parser);
        case "code", "status" ->
            code = code.isEmpty() ? JsonText.scalar(parser) : skip(parser, code);
        case "message", "detail" -> message = JsonText.scalar(parser);
        default -> parser.skipChildren();
      }
    }
    return inner == null || (inner.message.isEmpty() && !message.isEmpty())
        ? new Refusal(type, code, message)
        : inner;
  }

  private static String skip(JsonParser parser, String kept) {
    parser.skipChildren();
    return kept;
  }

  /** An error in the middle of a stream, where there is no status any more. */
  public Failure inStream() {
    int status = 500;
    try {
      status = Integer.parseInt(code);
    } catch (NumberFormatException isWord) {
      // Most are words; the type says it then.
    }
    Code what = byWord();
    return failure(what == null ? byStatus(status) : what, "in mid-stream", null);
  }

  /** An answer of that status. */
  Failure answered(int status, HttpHeaders headers, long nowMillis) {
    if (status >= 300 && status < 400) {
      return new Failure(
          Code.UPSTREAM,
          status + ": redirects elsewhere, which is refused (expected: the final address)",
          false,
          null);
    }
    Code word = status == 400 || status == 413 || status == 422 ? byWord() : null;
    Code what = word == Code.CONTEXT_TOO_LONG ? word : byStatus(status);
    return failure(what, Integer.toString(status), retryAfter(headers, nowMillis));
  }

  private Failure failure(Code what, String where, @Nullable Duration retryAfter) {
    // Retrying buys no credit.
    boolean broke = code.equals("insufficient_quota") || type.equals("insufficient_quota");
    String said = message.isEmpty() ? "no explanation" : message;
    return new Failure(what, where + ": " + said, what.retryable() && !broke, retryAfter);
  }

  private static Code byStatus(int status) {
    return switch (status) {
      case 401, 403 -> Code.UNAUTHORIZED;
      case 404 -> Code.NOT_FOUND;
      case 408 -> Code.UPSTREAM;
      case 413 -> Code.CONTEXT_TOO_LONG;
      case 429 -> Code.RATE_LIMITED;
      case 503, 529 -> Code.OVERLOADED;
      default -> {
        if (status >= 500) {
          yield Code.UPSTREAM;
        }
        yield status >= 400 ? Code.BAD_REQUEST : Code.MALFORMED;
      }
    };
  }

  private @Nullable Code byWord() {
    String words = (type + " " + code).toLowerCase(Locale.ROOT);
    if (words.contains("context_length") || words.contains("exceed_context") || saysTooLong()) {
      return Code.CONTEXT_TOO_LONG;
    }
    if (words.contains("overloaded")) {
      return Code.OVERLOADED;
    }
    if (words.contains("rate_limit") || words.contains("insufficient_quota")) {
      return Code.RATE_LIMITED;
    }
    if (words.contains("authentication") || words.contains("permission")) {
      return Code.UNAUTHORIZED;
    }
    if (words.contains("not_found")) {
      return Code.NOT_FOUND;
    }
    return words.contains("invalid_request") ? Code.BAD_REQUEST : null;
  }

  private boolean saysTooLong() {
    String said = message.toLowerCase(Locale.ROOT);
    return said.contains("maximum context length")
        || said.contains("prompt is too long")
        || said.contains("context window");
  }

  /** RFC 9110 §10.2.3, and the finer header some upstreams add. */
  static @Nullable Duration retryAfter(HttpHeaders headers, long nowMillis) {
    String millis = headers.get("retry-after-ms");
    String value = headers.get(HttpHeaderNames.RETRY_AFTER);
    Duration after = null;
    try {
      if (millis != null) {
        after = Duration.ofMillis((long) Double.parseDouble(millis.strip()));
      } else if (value != null) {
        after = Duration.ofMillis((long) (Double.parseDouble(value.strip()) * 1000));
      }
    } catch (NumberFormatException notSeconds) {
      after = value == null ? null : until(value.strip(), nowMillis);
    }
    if (after == null) {
      return null;
    }
    if (after.isNegative()) {
      return Duration.ZERO;
    }
    return after.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : after;
  }

  private static @Nullable Duration until(String date, long nowMillis) {
    try {
      Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
      return Duration.between(Instant.ofEpochMilli(nowMillis), then);
    } catch (DateTimeException noDate) {
      return null;
    }
  }
}
