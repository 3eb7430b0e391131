package dev.parley.testkit.upstream;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Sends each request to what answers it. Its methods are for any loop. */
final class Router {
  static final Map<String, String> JSON = Map.of("content-type", "application/json");
  private static final Map<String, String> HTML = Map.of("content-type", "text/html");
  private static final Map<String, String> LINES = Map.of("content-type", "application/x-ndjson");
  private static final String PAGE =
      "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>\n";
  private static final String MODELS =
      "{\"object\":\"list\",\"data\":[{\"id\":\"scripted\",\"object\":\"model\",\"created\":1767225600,\"owned_by\":\"upstream\"}]}";
  private static final String REDIRECTED = "/redirected";
  private static final int MAX_NAMES = 10_000;

  private final Stats stats;
  private final RequestLog log;
  private final AtomicLong numbers = new AtomicLong();
  private final String run = Long.toString(System.currentTimeMillis(), 36);
  private final Map<String, Integer> attempts = new LinkedHashMap<>(); // by model, oldest first

  Router(Stats stats, RequestLog log) {
    this.stats = stats;
    this.log = log;
  }

  void route(Exchange exchange, Request request) {
    String path = request.path();
    if (path.startsWith("/stats")) {
      exchange.connection.onWatch();
      watch(exchange, request.method(), path);
      return;
    }
    exchange.connection.onRequest();
    String id = run + Long.toString(numbers.incrementAndGet(), 36);
    log.request(exchange.connection, id, request);
    Api api = Api.at(path);
    if (path.equals(REDIRECTED)) {
      stats.redirectsFollowed.increment();
    }
    if (path.equals("/v1/models")) {
      exchange.answer(200, JSON, bytes(MODELS));
    } else if (api == null) {
      exchange.answer(
          404, JSON, Api.CHAT.error(404, "path: " + path + " (expected: one of /v1)", null));
    } else if (!request.method().equals("POST")) {
      exchange.answer(
          405, JSON, api.error(405, "method: " + request.method() + " (expected: POST)", null));
    } else {
      reply(exchange, request, api, id);
    }
  }

  private void watch(Exchange exchange, String method, String path) {
    if (path.equals("/stats/reset") && method.equals("POST")) {
      stats.reset();
      exchange.answer(200, JSON, bytes(stats.json()));
    } else if (path.equals("/stats/left")) {
      exchange.answer(200, LINES, bytes(stats.leftLines()));
    } else {
      exchange.answer(200, JSON, bytes(stats.json()));
    }
  }

  private void reply(Exchange exchange, Request request, Api api, String id) {
    Prompt prompt;
    Script script;
    try {
      prompt = Prompt.parse(api, request.body());
      script = script(prompt.model());
    } catch (IllegalArgumentException e) {
      refuse(exchange, api, 400, String.valueOf(e.getMessage()), null, Map.of(), id);
      return;
    }
    Trouble trouble = script.trouble();
    if (trouble.redirect() != null) {
      String to = trouble.redirect().isEmpty() ? REDIRECTED : trouble.redirect();
      stats.refused.increment();
      exchange.answer(307, Map.of("location", to), new byte[0]);
      log.end(id, "redirect", 0);
    } else if (trouble.flood() == Trouble.Flood.LINE
        || (trouble.flood() == Trouble.Flood.BODY && !prompt.stream())) {
      new Flooding(exchange, stats)
          .start(
              trouble.status() == 0 ? 200 : trouble.status(),
              trouble.status() == 0 && prompt.stream()
                  ? Map.of("content-type", "text/event-stream")
                  : JSON);
    } else if (trouble.notHttp()) {
      stats.faulted.increment();
      exchange.forget();
      exchange.connection.babble();
      log.end(id, "babble", 0);
    } else if (trouble.html()) {
      stats.refused.increment();
      exchange.answer(trouble.status() == 0 ? 200 : trouble.status(), HTML, bytes(PAGE));
      log.end(id, "html", 0);
    } else if (trouble.status() != 0) {
      String retryAfter = trouble.retryAfter();
      refuse(
          exchange,
          api,
          trouble.status(),
          message(trouble.status(), request),
          null,
          retryAfter == null ? Map.of() : Map.of("retry-after", retryAfter),
          id);
    } else if (trouble.contextTooLong() || prompt.inputTokens() > script.context()) {
      refuseContext(exchange, api, prompt, id);
    } else if (script.prefix() == Script.Prefix.REFUSE && !prompt.prefix().isEmpty()) {
      refuse(
          exchange,
          api,
          400,
          "This model does not support assistant message prefill.",
          null,
          Map.of(),
          id);
    } else if (trouble.empty()) {
      stats.faulted.increment();
      exchange.answer(
          200, prompt.stream() ? Map.of("content-type", "text/event-stream") : JSON, new byte[0]);
      log.end(id, "empty", 0);
    } else {
      new Reply(script, prompt, api.format(script, prompt, id), exchange, stats, log).start();
    }
  }

  /** Understands the model's name; its trouble is over once it was met often enough. */
  private Script script(String model) {
    Script script = Script.parse(model);
    if (script.times() == Integer.MAX_VALUE) {
      return script;
    }
    synchronized (attempts) {
      int attempt = attempts.merge(model, 1, Integer::sum);
      if (attempts.size() > MAX_NAMES) {
        Iterator<String> names = attempts.keySet().iterator();
        names.next();
        names.remove();
      }
      return attempt > script.times() ? script.untroubled() : script;
    }
  }

  private void refuseContext(Exchange exchange, Api api, Prompt prompt, String id) {
    int tokens = prompt.inputTokens();
    int most = Math.max(0, tokens - 1);
    String message =
        api == Api.MESSAGES
            ? "prompt is too long: " + tokens + " tokens > " + most + " maximum"
            : "This model's maximum context length is "
                + most
                + " tokens. However, your messages resulted in "
                + tokens
                + " tokens.";
    refuse(exchange, api, 400, message, "context_length_exceeded", Map.of(), id);
  }

  private void refuse(
      Exchange exchange,
      Api api,
      int status,
      String message,
      @Nullable String code,
      Map<String, String> headers,
      String id) {
    stats.refused.increment();
    Map<String, String> all = new LinkedHashMap<>(JSON);
    all.putAll(headers);
    exchange.answer(status, all, api.error(status, message, code));
    log.end(id, "refused", 0);
  }

  /** Says a wrong key back, as a careless provider would: it must not get any further. */
  private static String message(int status, Request request) {
    return switch (status) {
      case 401 -> "Incorrect API key provided: " + request.key();
      case 404 -> "The model does not exist or you do not have access to it.";
      case 429 -> "Rate limit reached.";
      default ->
          status < 500
              ? "The request is not understood."
              : "The server is overloaded or not ready yet.";
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
