package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.wire.socketio.codec.CodecLimits;
import dev.parley.wire.socketio.codec.PayloadJson;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import dev.parley.wire.socketio.codec.SocketPacket.Payload;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Arguments that are passed on as they came, and small values that are kept. */
final class ValuesTest {
  private static final Values VALUES = new Values(new PayloadJson(CodecLimits.DEFAULT));

  private static EventArguments came(String json) {
    return EventArguments.ofEvent(VALUES, new Payload(Slice.utf8(json), List.of()), null);
  }

  @Test
  void rawArgumentsAreSplicedBehindAnotherName() {
    for (String[] each :
        new String[][] {
          {"[\"e\"]", ""},
          {"[ \"e\" ]", ""},
          {"[\"e\",1]", "1"},
          {" [\t\"e\" , 1 ,\n{\"a\":[]} ] ", "1 ,\n{\"a\":[]} "},
          {"[\"a\\\"]b\\\\\",\"]\"]", "\"]\""},
          {"[\"\\u0022,\",null]", "null"},
          {"[12.5e3 ,[1,[2]]]", "[1,[2]]"},
          {"[7]", ""},
          {"[-1\n]", ""},
        }) {
      EventArguments arguments = came(each[0]);

      assertThat(arguments.elements().toString()).as(each[0]).isEqualTo(each[1]);
      String spliced = VALUES.event("n\"x", arguments).json().toString();
      assertThat(spliced)
          .as(each[0])
          .isEqualTo(each[1].isEmpty() ? "[\"n\\\"x\"]" : "[\"n\\\"x\"," + each[1] + "]");
      assertThat(TestClient.json(spliced).size()).as(each[0]).isEqualTo(1 + arguments.size());
      assertThat(VALUES.answer(arguments).json().toString()).isEqualTo("[" + each[1] + "]");
    }
  }

  @Test
  void answersAreSplicedWhole() {
    EventArguments answer =
        EventArguments.ofAnswer(VALUES, new Payload(Slice.utf8("[ 1 , \"x\"]"), List.of()));

    assertThat(VALUES.event("e", answer).json().toString()).isEqualTo("[\"e\",1 , \"x\"]");
    assertThat(answer.size()).isEqualTo(2);
  }

  @Test
  void bytesKeepTheirPlaces() {
    Payload payload = VALUES.event("e", new byte[] {1}, Map.of("deep", new byte[] {2}));
    EventArguments arguments = EventArguments.ofEvent(VALUES, payload, null);

    assertThat(arguments.get(0, byte[].class)).containsExactly(1);
    assertThat(VALUES.event("f", arguments).attachments()).hasSize(2);
    assertThat(VALUES.event("f", arguments, 3).json().toString())
        .isEqualTo(
            "[\"f\",{\"_placeholder\":true,\"num\":0},{\"deep\":{\"_placeholder\":true,\"num\":1}},3]");
  }

  @Test
  void typesAreAskedForAndMissedWithWords() {
    EventArguments arguments = came("[\"e\",1,null,{\"__proto__\":{\"x\":1},\"constructor\":2}]");

    assertThat(arguments.require(0, Integer.class)).isEqualTo(1);
    assertThat(arguments.get(1, String.class)).isNull();
    assertThat(arguments.get(9, String.class)).isNull();
    assertThatThrownBy(() -> arguments.require(1, String.class))
        .hasMessage("argument 1: none (expected: a String)");
    assertThatThrownBy(() -> arguments.get(2, Integer.class))
        .hasMessageContaining("(expected: a Integer)");
    assertThat(arguments.toList().get(2))
        .isEqualTo(Map.of("__proto__", Map.of("x", 1), "constructor", 2));
  }

  @Test
  void aPositionIsAddedBehindTheLastArgument() {
    assertThat(Values.with(VALUES.event("e"), new byte[] {'1'}).json().toString())
        .isEqualTo("[\"e\",1]");
    assertThat(Values.endsWithString(VALUES.event("e"))).isTrue();
    assertThat(Values.endsWithString(VALUES.event("e", 1))).isFalse();
    assertThat(Values.endsWithString(VALUES.event("e", came("[\"e\",\"s\" \n ]")))).isTrue();
  }

  // --- what is kept

  @Test
  void aSavedSessionIsReadAsItWasWritten() {
    SavedSession saved =
        new SavedSession(
            "id",
            "/a",
            null,
            Map.of("__proto__", 7L, "é", 8L),
            Map.of("a", List.of(1, "x")),
            1,
            2,
            3,
            4);

    assertThat(SavedSession.decode(VALUES, saved.encode(VALUES))).isEqualTo(saved);
    assertThat(saved.seenWith(1)).as("what it cannot have seen yet").isEqualTo(1);
    assertThat(saved.seenWith(2)).isEqualTo(3);
    assertThat(saved.seenWith(9)).isEqualTo(9);
  }

  @Test
  void aLogRecordIsReadAsItWasWritten() {
    for (LogRecord entry :
        List.of(
            new LogRecord(java.util.Set.of(), java.util.Set.of(), VALUES.event("e", "x")),
            new LogRecord(
                java.util.Set.of("a\"b"),
                java.util.Set.of("c"),
                VALUES.event("e", new byte[] {1, 2})))) {
      LogRecord read = LogRecord.decode(VALUES, entry.encode(VALUES));

      assertThat(read.rooms()).isEqualTo(entry.rooms());
      assertThat(read.excepted()).isEqualTo(entry.excepted());
      assertThat(read.payload().json()).hasToString(entry.payload().json().toString());
      assertThat(read.payload().attachments()).hasSameSizeAs(entry.payload().attachments());
    }
  }

  @Test
  void whatAReturningClientSaysMakesSenseOrIsIgnored() {
    String pid = "a".repeat(40);
    assertThat(returning("{\"pid\":\"" + pid + "\"}")).isEqualTo(new Returning(pid, 0));
    assertThat(returning("{\"pid\":\"" + pid + "\",\"offset\":\"z\"}"))
        .isEqualTo(new Returning(pid, 35));
    for (String offset :
        List.of("7", "null", "\"-1\"", "\"!\"", "\"\"", "\"" + "z".repeat(99) + "\"")) {
      assertThat(returning("{\"pid\":\"" + pid + "\",\"offset\":" + offset + "}"))
          .as(offset)
          .isEqualTo(new Returning(pid, Delivery.NOT_KEPT));
    }
    for (String none :
        List.of("{}", "{\"pid\":7}", "{\"pid\":null}", "{\"pid\":\"../x\"}", "{\"pid\":[\"x\"]}")) {
      assertThat(returning(none)).as(none).isNull();
    }
  }

  private static @Nullable Object returning(String auth) {
    return Returning.of(VALUES, Revision.EIO4, new SocketPacket.Connect("/", "", Slice.utf8(auth)));
  }

  @Test
  void aBindingNamesTheStreamOfARoomAndTheRoomOfAStream() {
    RoomBinding binding = new RoomBinding("/", "chat-*", "chat/*/log", "message");

    assertThat(binding.streamOf("/", "chat-7")).hasToString("chat/7/log");
    assertThat(binding.roomOf("chat/7/log")).isEqualTo("chat-7");
    assertThat(binding.streamOf("/", "chat-")).isNull();
    assertThat(binding.streamOf("/", "chat-..")).as("no path").isNull();
    assertThat(binding.streamOf("/other", "chat-7")).isNull();
    assertThat(new RoomBinding("/", "", "all", "m").streamOf("/", "")).hasToString("all");
    assertThatThrownBy(() -> new RoomBinding("/", "a-*", "b", "m"))
        .hasMessageStartingWith("stream: b (expected: one * when the room has one");
    assertThatThrownBy(() -> new RoomBinding("x", "a", "b", "m"))
        .hasMessage("namespace: x (expected: a name with a leading slash)");
  }

  @Test
  void anInboxRunsInOrderAndTellsWhenItIsFull() throws InterruptedException {
    LinkedBlockingQueue<Integer> ran = new LinkedBlockingQueue<>();
    LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
    CountDownLatch gate = new CountDownLatch(1);
    Inbox inbox = new Inbox(4, () -> told.add("full"), () -> told.add("relieved"));
    inbox.submit(() -> {
      try {
        if (!gate.await(20, TimeUnit.SECONDS)) {
          throw new AssertionError("nothing in 20 s");
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    });
    Integer[] expected = IntStream.range(0, 20).boxed().toArray(Integer[]::new);
    Arrays.stream(expected).forEach(i -> inbox.submit(() -> ran.add(i)));
    assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("full");

    gate.countDown();

    for (Integer each : expected) {
      assertThat(ran.poll(20, TimeUnit.SECONDS)).isEqualTo(each);
    }
    assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("relieved");
  }
}
