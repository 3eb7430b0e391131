package dev.parley.wire.openai;

import dev.parley.conversation.Refusal;
import dev.parley.stream.StoreException;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A request that is answered with an error, in OpenAI's form. Immutable. */
final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final System.Logger LOG = System.getLogger(ApiError.class.getName());
  private static final String INVALID = "invalid_request_error";
  private static final String SERVER = "server_error";

  private final int status;
  private final String type;
  private final @Nullable String code;
  private final @Nullable String param;
  private final boolean retry;

  ApiError(
      int status,
      String type,
      @Nullable String code,
      @Nullable String param,
      String message,
      boolean retry) {
    super(message, null, false, false); // an answer, not an accident: no stack trace
    this.status = status;
    this.type = type;
    this.code = code;
    this.param = param;
    this.retry = retry;
  }

  static ApiError invalid(@Nullable String param, String message) {
    return new ApiError(400, INVALID, null, param, message, false);
  }

  static ApiError unsupported(String param, String message) {
    return new ApiError(400, INVALID, "unsupported_parameter", param, message, false);
  }

  static ApiError missing(@Nullable String param, String message) {
    return new ApiError(404, INVALID, "not_found", param, message, false);
  }

  static ApiError noResponse(String id) {
    return missing("id", "response: " + Fields.shortened(id) + " (expected: one of yours)");
  }

  static ApiError noModel(String model) {
    return new ApiError(
        404,
        INVALID,
        "model_not_found",
        "model",
        "model: " + Fields.shortened(model) + " (expected: one of GET /v1/models)",
        false);
  }

  static ApiError unauthorized(String message) {
    return new ApiError(401, "authentication_error", "invalid_api_key", null, message, false);
  }

  /** For a failure; what is not foreseen is logged. */
  static ApiError of(Throwable failure) {
    return switch (failure) {
      case ApiError it -> it;
      case StoreException it ->
          new ApiError(
              it.code().status(),
              SERVER,
              it.code().word(),
              null,
              it.code().sentence(),
              it.code().retryable());
      case IllegalArgumentException it -> invalid(null, String.valueOf(it.getMessage()));
      default -> {
        LOG.log(System.Logger.Level.ERROR, "openai: a request failed", failure);
        yield new ApiError(500, SERVER, "internal_error", null, "the server failed", false);
      }
    };
  }

  static ApiError of(Refusal refusal, String message) {
    String code = refusal.word();
    int status = refusal.status();
    return switch (status) {
      case 403 -> new ApiError(status, "permission_error", code, null, message, false);
      case 413 -> new ApiError(status, INVALID, code, "input", message, false);
      case 429 -> rateLimited(message, true);
      default -> new ApiError(status, INVALID, code, null, message, refusal.retryable());
    };
  }

  private static ApiError rateLimited(String message, boolean retry) {
    return new ApiError(429, "rate_limit_error", "rate_limit_exceeded", null, message, retry);
  }

  /** Why a run failed. A key that an upstream refuses is ours, not the client's. */
  static ApiError of(RunMessage.Failed failed) {
    return switch (failed.reason()) {
      case "rate-limited", "queue-full" -> rateLimited(failed.message(), failed.retryable());
      case "over-budget" ->
          new ApiError(
              429, "insufficient_quota", "insufficient_quota", null, failed.message(), false);
      case "bad-request" -> new ApiError(400, INVALID, null, null, failed.message(), false);
      case "context-too-long" ->
          new ApiError(400, INVALID, "context_length_exceeded", null, failed.message(), false);
      case "overloaded", "circuit-open" -> upstream(503, failed);
      case "timeout-first-token", "timeout-between-tokens" -> upstream(504, failed);
      default -> upstream(502, failed);
    };
  }

  private static ApiError upstream(int status, RunMessage.Failed failed) {
    String code = failed.reason().replace('-', '_');
    return new ApiError(status, SERVER, code, null, failed.message(), failed.retryable());
  }

  int status() {
    return status;
  }

  /** As it stands in an answer, and in a stream that breaks off. */
  ObjectNode body() {
    ObjectNode body = Fields.JSON.createObjectNode();
    body.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", param)
        .put("code", code);
    return body;
  }

  /** Stock clients obey {@code x-should-retry}, and else guess from the status. */
  void send(Response response) {
    response
        .headers()
        .set("content-type", "application/json")
        .set("cache-control", "no-store")
        .set("x-should-retry", retry ? "true" : "false");
    if (retry) {
      response.headers().set("retry-after", "1");
    }
    response.send(status, Unpooled.wrappedBuffer(Fields.JSON.writeValueAsBytes(body())));
  }
}
