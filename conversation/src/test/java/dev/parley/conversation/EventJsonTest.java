package dev.parley.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.conversation.ConversationEvent.*;
import dev.parley.conversation.provider.Parameters;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EventJsonTest {
  private static final PersonaRef GUIDE = new PersonaRef("guide", 2);
  private static final Lease LEASE = new Lease("node", 99);
  private static final Usage USAGE = new Usage(3, 2, 1);
  private static final Usage ESTIMATE =
      Usage.estimate(10, 1).plus(USAGE.by(new ModelRef("spare", "m")));
  private static final Overrides OVERRIDES =
      new Overrides(
          "Be brief.",
          new Parameters(0.5, null, 9, List.of("END"), null, null, new TreeMap<>()),
          List.of(new Persona.Tool("dice", "Rolls.", "{\"type\":\"object\"}", false)),
          "{\"store\":true}");
  private static final List<TurnPart> PARTS =
      List.of(
          new TurnPart.Text("hé 🎉 \"q\""),
          new TurnPart.Reasoning("hm", "{\"signature\":\"x\"}"),
          new TurnPart.File("a.png", "image/png", "https://example.org/a.png"),
          new TurnPart.ToolCall("c1", "weather", "{not json"),
          new TurnPart.ToolResult("c1", "{}"),
          new TurnPart.Unknown("{\"type\":\"hologram\",\"mesh\":[1,2]}"));
  private final EventJson json = new EventJson();

  static List<ConversationEvent> events() {
    Message waiting = new Message("t2", true, PARTS, "m2");
    return List.of(
        new Created("room", "ada", "Plans", GUIDE, 1),
        new Renamed("Other", "ada", 2),
        new Archived("ada", 3),
        new Restored("ada", 4),
        new Deleted("ada", 5),
        new MemberJoined("bob", Role.WRITER, "ada", 6),
        new MemberLeft("bob", "bob", 7),
        new BranchAdded("b2", "main", 4, "ada", 8),
        new BranchedOff("main", 4, "t1", "ada", 9),
        new TurnAdded("t1", new Author.Person("ada"), false, PARTS, null, "m1", 10),
        new TurnAdded("r.1", new Author.OfPersona(GUIDE), true, PARTS, "r", null, 11),
        new TurnAdded("r.2", new Author.Tool("weather"), false, PARTS, "r", null, 11),
        new RunRequested("r", "ada", "t1", null, null, false, null, 12),
        new RunRequested("r", "ada", "t2", GUIDE, waiting, true, OVERRIDES, 13),
        new RunStarted("r", GUIDE, LEASE, 14),
        new RunStreaming("r", 15),
        new RunSteered("r", "t3", "ada", 16),
        new RunLeased("r", LEASE, Resumption.CONTINUED, 17),
        new RunStopped("r", "ada", 18),
        new RunFinished("r", FinishReason.LENGTH, USAGE, 19),
        new RunFinished("r", FinishReason.TOOL_CALLS, USAGE, 19),
        new RunFailed("r", new RunFailure("timeout", "Too slow.", true), USAGE, 20),
        new RunFailed("r", new RunFailure("over-budget", "Spent.", true, 21L), ESTIMATE, 20),
        new ToolCalled("r", "c1", "weather", true, 21),
        new ToolApproved("r", "c1", "ada", 22),
        new ToolDenied("r", "c1", "ada", "no", 23),
        new ToolReturned("r", "c1", "{\"t\":1}", 24),
        new PersonaSwitched(GUIDE, "ada", 25),
        new ReadUpTo("ada", 26, 27));
  }

  @ParameterizedTest
  @MethodSource("events")
  void whatIsWrittenIsRead(ConversationEvent event) {
    assertThat(json.read(json.write(event))).isEqualTo(event);
  }

  @Test
  void namesOfKindsAndFieldsStayTheSame() {
    assertThat(
            text(
                new TurnAdded(
                    "r.1", new Author.OfPersona(GUIDE), true, Room.text("Hi"), "r", null, 11)))
        .isEqualTo(
            "{\"type\":\"turn-added\",\"at\":11,\"turn\":\"r.1\",\"author\":{\"persona\":"
                + "{\"id\":\"guide\",\"version\":2}},\"ai\":true,"
                + "\"parts\":[{\"type\":\"text\",\"text\":\"Hi\"}],\"run\":\"r\"}");
    assertThat(text(new RunStarted("r", GUIDE, LEASE, 14)))
        .isEqualTo(
            "{\"type\":\"run-started\",\"at\":14,\"run\":\"r\",\"persona\":{\"id\":\"guide\","
                + "\"version\":2},\"lease\":{\"owner\":\"node\",\"until\":99}}");
  }

  @Test
  void unknownKindsOfEventsArePassedOn() {
    String future = "{\"type\":\"poll-opened\",\"at\":5,\"options\":[\"a\",{\"b\":null}]}";

    ConversationEvent event = json.read(future.getBytes(UTF_8));

    assertThat(event).isInstanceOf(Unknown.class);
    assertThat(text(event)).isEqualTo(future);
  }

  @Test
  void unknownFieldsOfPartsArePassedOn() {
    String future =
        "{\"type\":\"turn-added\",\"at\":5,\"turn\":\"t\",\"author\":{\"person\":\"ada\"},\"parts\":"
            + "[{\"type\":\"text\",\"text\":\"Hi\",\"lang\":{\"code\":\"de\"}}]}";

    assertThat(text(json.read(future.getBytes(UTF_8)))).isEqualTo(future);
  }

  @Test
  void unknownFieldsOfEventsDoNotKeepThemFromBeingRead() {
    assertThat(
            json.read("{\"type\":\"archived\",\"at\":5,\"by\":\"ada\",\"why\":1}".getBytes(UTF_8)))
        .isEqualTo(new Archived("ada", 5));
  }

  @Test
  void anUnknownRoleIsTheLeast() {
    assertThat(
            json.read(
                "{\"type\":\"member-joined\",\"person\":\"bob\",\"role\":\"emperor\",\"by\":\"ada\"}"
                    .getBytes(UTF_8)))
        .isEqualTo(new MemberJoined("bob", Role.READER, "ada", 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "null",
        "{\"type\":1}",
        "{\"type\":\"archived\"}",
        "{\"type\":\"archived\",\"at\":1.5,\"by\":\"ada\"}",
        "{\"type\":\"turn-added\",\"turn\":\"t\",\"author\":{\"person\":\"a\"},\"parts\":[1]}",
        "{\"type\":\"archived\",\"by\":\"ada\"} x"
      })
  void whatIsNoEventIsReportedAsSuch(String broken) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> json.read(broken.getBytes(UTF_8)))
        .withMessageContaining("expected: ");
  }

  @Test
  void eventsThatAreTooDeepOrTooLargeAreRefused() {
    String deep = "{\"type\":\"x\",\"a\":" + "[".repeat(100) + "]".repeat(100) + "}";
    byte[] large = new byte[EventJson.MAX_BYTES + 1];

    assertThatIllegalArgumentException().isThrownBy(() -> json.read(deep.getBytes(UTF_8)));
    assertThatIllegalArgumentException().isThrownBy(() -> json.read(large));
    String text = "x".repeat(EventJson.MAX_BYTES);
    assertThatIllegalArgumentException().isThrownBy(() -> json.write(new Renamed(text, "ada", 1)));
  }

  @Test
  void halfACharacterLosesNothing() {
    ConversationEvent event = new Renamed("cut \ud83d", "ada", 1);

    assertThat(json.read(json.write(event))).isEqualTo(event);
  }

  @Property(tries = 5_000)
  void noBytesDoWorseThanBeingRefused(@ForAll byte[] bytes) {
    try {
      json.read(bytes);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("expected: ");
    }
  }

  private String text(ConversationEvent event) {
    return new String(json.write(event), UTF_8);
  }
}
