package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testkit.upstream.Token;
import dev.parley.testkit.upstream.UpstreamProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Every fault of an upstream, through a whole server: each ends in a state that everybody sees, and
 * the conversation goes on. All faults are met at once, each by a provider of its own, so that no
 * circuit of one is opened by another.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class UpstreamFaultsTest {
  private static final String KEY = "sk-5f0c9e31a7b24d68-and-nobody-sees-it";
  private static final int TOKENS = 20;
  private static final int ANY = -1;
  private static final long MOST_GROWTH_KB = 400 << 10;
  private static final List<String> WIRES = List.of("chat", "chat-h2", "responses", "messages");
  private static final List<Case> CASES = cases();

  @TempDir static Path folder;
  private static UpstreamProcess upstream;
  private static ServerProcess server;
  private static RestClient rest;
  private static long residentBefore;

  /**
   * One fault.
   *
   * @param times requests that meet it; the next one is answered
   * @param words shown before the end
   */
  record Case(
      int number,
      String wire,
      String fault,
      int times,
      String state,
      String reason,
      boolean retryable,
      int words) {
    String id() {
      return "c" + number;
    }

    @Override
    public String toString() {
      return fault + " over " + wire;
    }
  }

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String wire : WIRES) {
      understood(cases, wire);
      if (wire.startsWith("chat")) { // what is below a dialect is the same for all
        carried(cases, wire);
      }
    }
    for (String fault : List.of("cut", "truncate", "stall", "error")) {
      finishes(cases, "chat-continued", fault + "-after=5");
    }
    fails(cases, "chat-continued", "cut-after=5&again", 3, "disconnected", true, 15);
    return cases;
  }

  /** Faults that a dialect has its own words for. */
  private static void understood(List<Case> cases, String wire) {
    finishes(cases, wire, "split");
    finishes(cases, wire, "split=7");
    finishes(cases, wire, "two-done");
    finishes(cases, wire, "status=429&retry-after=1&times=1");
    fails(cases, wire, "empty", 3, "disconnected", true, 0);
    fails(cases, wire, "stall-first", 3, "timeout-first-token", true, 0);
    fails(cases, wire, "chatter-after=0", 3, "timeout-first-token", true, 0);
    fails(cases, wire, "status=401", 1, "unauthorized", false, 0);
    fails(cases, wire, "status=429", 3, "rate-limited", true, 0);
    fails(cases, wire, "status=500", 3, "upstream", true, 0);
    fails(cases, wire, "status=503", 3, "overloaded", true, 0);
    fails(cases, wire, "context-too-long", 1, "context-too-long", false, 0);
    fails(cases, wire, "gigabyte", 1, "too-large", false, 0);
    fails(cases, wire, "stall-after=5", 1, "timeout-between-tokens", true, 5);
    fails(cases, wire, "chatter-after=5", 1, "timeout-between-tokens", true, 5);
    fails(cases, wire, "close-after=5", 1, "disconnected", true, 5);
    fails(cases, wire, "garbage-after=5", 1, "malformed", false, 5);
    String error = wire.equals("messages") ? "overloaded" : "upstream";
    fails(cases, wire, "error-after=5", 1, error, true, 5);
  }

  /** Faults of HTTP, and of what carries it. */
  private static void carried(List<Case> cases, String wire) {
    finishes(cases, wire, "status=500&times=2");
    finishes(cases, wire, "stall-head&times=1");
    finishes(cases, wire, "cut-after=0&times=2");
    finishes(cases, wire, "die-after=0&times=2");
    finishes(cases, wire, "empty&times=2");
    fails(cases, wire, "stall-head", 3, "timeout-first-token", true, 0);
    fails(cases, wire, "status=429&retry-after=nonsense", 3, "rate-limited", true, 0);
    fails(cases, wire, "status=429&retry-after=60", 1, "rate-limited", true, 0);
    fails(cases, wire, "status=404", 1, "not-found", false, 0);
    fails(cases, wire, "status=500&gigabyte", 3, "upstream", true, 0);
    fails(cases, wire, "html&status=502", 3, "upstream", true, 0);
    fails(cases, wire, "html", 1, "malformed", false, 0);
    fails(cases, wire, "redirect", 1, "upstream", false, 0);
    fails(cases, wire, "gigabyte=body", 1, "too-large", false, ANY);
    fails(cases, wire, "cut-after=5", 1, "disconnected", true, 5);
    fails(cases, wire, "die-after=5", 1, "disconnected", true, 5);
    fails(cases, wire, "truncate-after=5", 1, "disconnected", true, 5);
    if (wire.equals("chat")) {
      fails(cases, wire, "not-http", 1, "malformed", false, 0);
    } else { // a lost connection, whatever it was lost for
      finishes(cases, wire, "not-http&times=2");
    }
  }

  private static void finishes(List<Case> cases, String wire, String fault) {
    cases.add(new Case(cases.size(), wire, fault, 0, "finished", "stop", false, TOKENS));
  }

  private static void fails(
      List<Case> cases,
      String wire,
      String fault,
      int times,
      String reason,
      boolean retryable,
      int words) {
    cases.add(new Case(cases.size(), wire, fault, times, "failed", reason, retryable, words));
  }

  @BeforeAll
  static void meetAllOfThem() throws Exception {
    upstream = UpstreamProcess.start();
    Path key = Files.writeString(folder.resolve("key"), KEY + "\n");
    List<String> settings = new ArrayList<>();
    for (Case each : CASES) {
      String provider = "providers[" + each.number() + "].";
      settings.add(provider + "name=" + each.id());
      settings.add(provider + "url=" + upstream.uri() + "/v1");
      settings.add(provider + "key-file=" + key);
      settings.add(provider + "dialect=" + dialect(each.wire()));
      if (each.wire().endsWith("-h2")) {
        settings.add(provider + "protocol=http-2");
      }
      if (each.wire().equals("chat-continued")) {
        settings.add(provider + "continuation=last-turn");
      }
      if (each.fault().startsWith("stall") || each.fault().startsWith("chatter")) {
        // The one it is about alone: on a busy machine the other might end the request first.
        boolean begun = each.fault().contains("-after=5");
        settings.add(provider + (begun ? "between-tokens=1s" : "first-token=1s"));
      }
      String persona = "personas[" + each.number() + "].";
      settings.add(persona + "id=" + each.id());
      settings.add(persona + "provider=" + each.id());
      settings.add(
          persona
              + ("model=scripted?tokens=" + TOKENS + "&rate=200&tag=" + each.id())
              + ("&" + each.fault())
              + (each.times() == 0 ? "" : "&times=" + each.times()));
    }
    server = ServerProcess.start(folder.resolve("data"), 0, settings.toArray(String[]::new));
    rest = new RestClient(server.uri());
    residentBefore = mostResident();
    for (Case each : CASES) {
      String id = each.id();
      rest.post("/api/conversations", "{\"id\":\"" + id + "\",\"persona\":\"" + id + "\"}")
          .expect(201);
      ask(id, "first-" + id);
    }
  }

  private static String dialect(String wire) {
    return switch (wire) {
      case "responses" -> "openai-responses";
      case "messages" -> "anthropic";
      default -> "openai-compatible";
    };
  }

  private static void ask(String conversation, String run) throws Exception {
    String path = "/api/conversations/" + conversation + "/turns";
    rest.post(path, "{\"text\":\"Count for me, please.\",\"run\":\"" + run + "\"}").expect(202);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    if (upstream != null) {
      upstream.close();
    }
  }

  static List<Case> all() {
    return CASES;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  @Order(1)
  void everyFaultEndsInAStateThatAllSeeAndTheConversationGoesOn(Case met) throws Exception {
    List<JsonNode> events = rest.follow("first-" + met.id());
    JsonNode end = events.getLast();
    String text = text(events);

    assertThat(end.path("state").asString()).as(end.toString()).isEqualTo(met.state());
    assertThat(end.path("reason").asString()).as(end.toString()).isEqualTo(met.reason());
    assertThat(end.path("retryable").asBoolean(false)).isEqualTo(met.retryable());
    assertWords(text, met.words());

    ask(met.id(), "next-" + met.id());
    List<JsonNode> next = rest.follow("next-" + met.id());
    assertThat(next.getLast().path("state").asString())
        .as(next.getLast().toString())
        .isEqualTo("finished");
    assertWords(text(next), TOKENS);

    RestClient.Answer conversation = rest.get("/api/conversations/" + met.id()).expect(200);
    assertThat(turns(conversation.json()))
        .isEqualTo(
            Stream.of("Count for me, please.", text, "Count for me, please.", text(next))
                .filter(said -> !said.isEmpty())
                .toList());
    assertThat(conversation.json().path("runs")).isEmpty();
    assertThat(List.of(events, conversation.text()).toString()).doesNotContain(KEY);
    JsonNode run = rest.get("/api/runs/first-" + met.id()).expect(200).json();
    assertThat(run.path("state").asString()).isEqualTo(met.state());
    assertThat(run.path("text").asString("")).isEqualTo(text);
  }

  private static String text(List<JsonNode> events) {
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(event.path("text").asString("")));
    return text.toString();
  }

  private static void assertWords(String text, int words) {
    List<Integer> numbers = Token.parse(text).stream().map(Token::number).toList();
    if (words == ANY) {
      assertThat(numbers).startsWith(1, 2, 3);
    } else {
      assertThat(numbers).isEqualTo(IntStream.rangeClosed(1, words).boxed().toList());
    }
  }

  private static List<String> turns(JsonNode conversation) {
    List<String> turns = new ArrayList<>();
    for (JsonNode turn : conversation.path("turns")) {
      StringBuilder said = new StringBuilder();
      turn.path("parts").forEach(part -> said.append(part.path("text").asString("")));
      turns.add(said.toString());
    }
    return turns;
  }

  @Test
  @Order(2)
  void noRedirectIsFollowedAndNoReplyIsLeftRunning() throws Exception {
    String stats = upstream.stats();
    assertThat(stats).contains("\"redirectsFollowed\":0").contains("\"running\":0");
  }

  @Test
  @Order(3)
  void gigabytesAreNotKept() throws Exception {
    assertThat(mostResident() - residentBefore).as("KB").isLessThan(MOST_GROWTH_KB);
    assertThat(server.output()).doesNotContain("OutOfMemory").doesNotContain("LEAK");
  }

  @Test
  @Order(4)
  void theKeyIsInNoLogAndInNoFile() throws Exception {
    assertThat(server.output()).doesNotContain(KEY);
    server.stop();
    try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(KEY);
      }
    }
  }

  /** The most that the server's process ever had in memory, in KB (proc(5)). */
  private static long mostResident() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + server.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
