package dev.parley.testkit.upstream;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The interfaces that are spoken, each at its path. */
enum Api {
  CHAT("/v1/chat/completions"),
  RESPONSES("/v1/responses"),
  MESSAGES("/v1/messages");

  private final String path;

  Api(String path) {
    this.path = path;
  }

  static @Nullable Api at(String path) {
    for (Api api : values()) {
      if (api.path.equals(path)) {
        return api;
      }
    }
    return null;
  }

  Format format(Script script, Prompt prompt, String id) {
    return switch (this) {
      case CHAT -> new ChatFormat(script, prompt, id);
      case RESPONSES -> new ResponsesFormat(script, prompt, id);
      case MESSAGES -> new MessagesFormat(script, prompt, id);
    };
  }

  /** The body of a refusal, as the provider words it. */
  byte[] error(int status, String message, @Nullable String code) {
    String body =
        this == MESSAGES
            ? "{\"type\":\"error\",\"error\":{\"type\":\""
                + anthropicType(status)
                + "\",\"message\":"
                + Json.quote(message)
                + "}}"
            : "{\"error\":{\"message\":"
                + Json.quote(message)
                + ",\"type\":\""
                + openAiType(status)
                + "\",\"param\":null,\"code\":"
                + (code == null ? openAiCode(status) : Json.quote(code))
                + "}}";
    return body.getBytes(StandardCharsets.UTF_8);
  }

  static String anthropicType(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503, 529 -> "overloaded_error";
      default -> status < 500 ? "invalid_request_error" : "api_error";
    };
  }

  private static String openAiType(int status) {
    return status == 429 ? "requests" : status < 500 ? "invalid_request_error" : "server_error";
  }

  private static String openAiCode(int status) {
    return switch (status) {
      case 401 -> "\"invalid_api_key\"";
      case 404 -> "\"model_not_found\"";
      case 429 -> "\"rate_limit_exceeded\"";
      default -> "null";
    };
  }
}
