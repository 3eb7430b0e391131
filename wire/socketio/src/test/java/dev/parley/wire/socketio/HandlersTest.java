package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.socketio.AckTimeoutException;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Namespace.HandlerThreads;
import dev.parley.socketio.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a program's handlers of one socket hear, and when. */
@Timeout(60)
final class HandlersTest {
  private final Trial.Settings settings = new Trial.Settings();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private Trial trial = new Trial(settings);

  @AfterEach
  void close() {
    trial.close();
  }

  private record Talk(String text, int n) {}

  /** What JSON cannot say. */
  private static final class Broken extends java.util.AbstractList<Object> {
    @Override
    public Object get(int index) {
      throw new IllegalStateException("expected here");
    }

    @Override
    public int size() {
      return 1;
    }
  }

  @Test
  void aHandlerMayWaitForAnAnswerOfItsOwnSocket() {
    trial
        .io
        .main()
        .onConnection(socket ->
            socket.on("question", _ -> heard.add(socket.emitWithAck("back").join().toJson())));
    TestClient client = trial.connected().send("42[\"question\"]");

    assertThat(client.next()).isEqualTo("420[\"back\"]");
    client.send("430[\"yes\"]");

    assertThat(Trial.next(heard)).isEqualTo("[\"yes\"]");
  }

  @Test
  void aHandlerThatWaitsHearsThatItsSocketHasGone() {
    trial
        .io
        .main()
        .onConnection(socket -> {
          socket.on(
              "question",
              _ -> {
                try {
                  heard.add(
                      socket
                          .with()
                          .timeout(Duration.ofHours(1))
                          .emitWithAck("back")
                          .get()
                          .toJson());
                } catch (ExecutionException e) {
                  heard.add(String.valueOf(e.getMessage()));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
          socket.onDisconnect(heard::add);
        });
    TestClient client = trial.connected().send("42[\"question\"]");
    assertThat(client.next()).isEqualTo("420[\"back\"]");

    client.send("41");

    assertThat(Trial.next(heard)).endsWith("back: the socket has gone");
    assertThat(Trial.next(heard)).isEqualTo("client namespace disconnect");
  }

  @Test
  void whoFetchesSocketsMayBlockAfterwards() {
    BlockingQueue<Socket> sockets = trial.connections("/");
    TestClient client = trial.connected();
    Socket socket = Trial.next(sockets);
    socket.data().put("a", 1); // something for the store to do

    CompletableFuture<Integer> found =
        trial
            .io
            .main()
            .fetchSockets()
            .thenApply(all -> {
              socket.join("room");
              return all.size() + trial.io.main().fetchSockets().join().size();
            });

    assertThat(found.join()).isEqualTo(2);
    client.close();
  }

  @Test
  void eventsStayInOrderThoughHandlersBlock() throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    trial
        .io
        .main()
        .onConnection(socket ->
            socket.on(
                "n",
                Integer.class,
                n -> {
                  if (n == 0) {
                    await(first);
                  }
                  heard.add("n" + n);
                }));
    TestClient slow = trial.connected();
    for (int n = 0; n < 50; n++) {
      slow.send("42[\"n\"," + n + "]");
    }

    trial.connected().send("42[\"n\",99]");

    assertThat(Trial.next(heard)).as("another socket goes on").isEqualTo("n99");
    first.countDown();
    for (int n = 0; n < 50; n++) {
      assertThat(Trial.next(heard)).isEqualTo("n" + n);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("nothing in 30 s");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFullInboxPausesTheConnectionAndLosesNothing() {
    trial.close();
    settings.store = new dev.parley.stream.MemoryStore();
    settings.maxWaitingEvents = 8;
    trial = new Trial(settings);
    CountDownLatch first = new CountDownLatch(1);
    trial
        .io
        .main()
        .onConnection(socket ->
            socket.on(
                "n",
                Integer.class,
                n -> {
                  await(first);
                  heard.add("n" + n);
                }));
    TestClient client = trial.connected();
    for (int n = 0; n < 500; n++) {
      client.send("42[\"n\"," + n + "]");
    }

    first.countDown();

    for (int n = 0; n < 500; n++) {
      assertThat(Trial.next(heard)).isEqualTo("n" + n);
    }
  }

  @Test
  void anErrorInAHandlerIsNotTheEndOfItsSocket() {
    trial
        .io
        .main()
        .onConnection(socket -> {
          socket.on(
              "bad",
              _ -> {
                throw new AssertionError("expected here");
              });
          socket.on("good", arguments -> arguments.ack().send("fine"));
        });

    TestClient client = trial.connected().send("42[\"bad\"]").send("421[\"good\"]");

    assertThat(client.next()).isEqualTo("431[\"fine\"]");
  }

  @Test
  void onlyTheFirstAnswerCounts() {
    trial
        .io
        .main()
        .onConnection(socket ->
            socket.on(
                "q",
                arguments -> {
                  arguments.ack().send(1, "two", null, List.of(3));
                  arguments.ack().send("again");
                }));

    TestClient client = trial.connected().send("420[\"q\"]").send("421[\"q\"]").send("42[\"q\"]");

    assertThat(client.next()).isEqualTo("430[1,\"two\",null,[3]]");
    assertThat(client.next()).isEqualTo("431[1,\"two\",null,[3]]");
  }

  @Test
  void anAnswerThatIsNoJsonIsRefusedAndAnotherMayBeGiven() {
    trial
        .io
        .main()
        .onConnection(socket ->
            socket.on(
                "q",
                arguments -> {
                  try {
                    arguments.ack().send(new Broken());
                  } catch (IllegalArgumentException e) {
                    arguments.ack().send(e.getMessage());
                  }
                }));

    assertThat(trial.connected().send("420[\"q\"]").next())
        .startsWith(
            "430[\"argument: a " + Broken.class.getName() + " (expected: what JSON can say)");
  }

  @Test
  void anAnswerThatDoesNotComeIsMissedInTime() {
    BlockingQueue<Socket> sockets = trial.connections("/");
    TestClient client = trial.connected();
    Socket socket = Trial.next(sockets);

    CompletableFuture<Arguments> answer =
        socket.with().timeout(Duration.ofMillis(20)).emitWithAck("q", 1);

    assertThatThrownBy(answer::join)
        .hasCauseInstanceOf(AckTimeoutException.class)
        .hasMessageContaining("q: no answer within PT0.02S");
    assertThat(client.next()).isEqualTo("420[\"q\",1]");
    client.send("430[\"late\"]").send("43777[\"of nothing\"]").send("439007199254740991[]");
    assertThat(socket.emitWithAck("q").isDone()).isFalse();
    assertThat(client.next()).isEqualTo("421[\"q\"]");
  }

  @Test
  void handlersRunInTheOrderOfRegistrationAndHearWhatTheyAskedFor() {
    trial
        .io
        .main()
        .onConnection(socket -> {
          socket.onAny((event, arguments) -> heard.add("any " + event + arguments.toJson()));
          socket.once("talk", _ -> heard.add("once"));
          socket.on("talk", Talk.class, talk -> heard.add(talk.text() + talk.n()));
          socket.on("talk", Talk.class, (talk, ack) -> ack.send(talk.n() + 1));
          socket.on("stop", _ -> socket.off("talk"));
          socket.onError(e -> heard.add(String.valueOf(e.getMessage())));
        });
    TestClient client = trial.connected().send("425[\"talk\",{\"text\":\"hi\",\"n\":1}]");

    assertThat(client.next()).isEqualTo("435[2]");
    assertThat(drain(3)).containsExactly("any talk[{\"text\":\"hi\",\"n\":1}]", "once", "hi1");
    client.send("42[\"talk\",7]");
    assertThat(drain(2)).containsExactly("any talk[7]", "argument 0: \"7\" (expected: a Talk)");
    client.send("42[\"stop\"]").send("42[\"talk\",{}]").send("42[\"unheard\"]");
    assertThat(drain(3)).containsExactly("any stop[]", "any talk[{}]", "any unheard[]");
  }

  private List<String> drain(int count) {
    List<String> all = new java.util.ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(Trial.next(heard));
    }
    return all;
  }

  @Test
  void eventMiddlewareRefusesAndRewrites() {
    trial
        .io
        .main()
        .onConnection(socket -> {
          socket.use((event, _) -> {
            if (event.equals("forbidden")) {
              throw new IllegalStateException("no");
            }
          });
          socket.rewrite((event, arguments) ->
              event.equals("shout")
                  ? new Object[] {"LOUD", arguments.size()}
                  : new Object[] {arguments});
          socket.on("forbidden", _ -> heard.add("never"));
          socket.on("shout", arguments -> heard.add(arguments.toJson()));
          socket.onError(e -> heard.add("error " + e.getMessage()));
        });

    trial.connected().send("42[\"forbidden\"]").send("42[\"shout\",\"quiet\"]");

    assertThat(drain(2)).containsExactly("error no", "[\"LOUD\",1]");
  }

  @Test
  void whatLeavesIsHeardToo() {
    trial
        .io
        .main()
        .onConnection(socket -> {
          socket.join("room");
          socket.onAnyOutgoing((event, arguments) -> heard.add(event + arguments.toJson()));
          heard.add("in");
        });
    TestClient client = trial.connected();
    assertThat(Trial.next(heard)).isEqualTo("in");

    trial.io.main().to("room").emit("one", 1);
    trial.io.main().emit("bytes", new byte[] {1, 2});

    assertThat(drain(2)).containsExactly("one[1]", "bytes[{\"_placeholder\":true,\"num\":0}]");
    assertThat(client.event().get(0).stringValue()).isEqualTo("one");
    assertThat(client.next()).startsWith("451-[\"bytes\",{\"_placeholder\":true,\"num\":0}");
    assertThat(client.next()).isEqualTo("[0102]");
  }

  @Test
  void oneWhoGoesTellsWhyWhileItsRoomsAreThereAndOnceMoreWithout() {
    trial
        .io
        .main()
        .onConnection(socket -> {
          socket.join("a", "b");
          socket.onDisconnecting(why -> heard.add("leaving " + socket.rooms() + " " + why));
          socket.onDisconnect(
              why -> heard.add("left " + socket.rooms() + " " + why + " " + socket.connected()));
        });
    TestClient client = trial.connected();

    client.send("41");
    assertThat(drain(2))
        .containsExactly(
            "leaving [a, b] client namespace disconnect",
            "left [] client namespace disconnect false");
    trial.connected().close();
    assertThat(Trial.next(heard)).startsWith("leaving [a, b] transport");
    assertThat(Trial.next(heard)).startsWith("left [] transport");
  }

  @Test
  void aDisconnectByTheProgramIsToldToTheClient() {
    BlockingQueue<Socket> sockets = trial.connections("/");
    TestClient client = trial.connected();
    Socket socket = Trial.next(sockets);
    socket.onDisconnect(heard::add);

    socket.emit("last", "words");
    socket.disconnect();

    assertThat(client.events(1)).containsExactly("words");
    assertThat(client.next()).isEqualTo("41");
    assertThat(Trial.next(heard)).isEqualTo("server namespace disconnect");
    client.send("42[\"too late\"]");
    assertThat(client.connect("/", "").path("sid").isString()).isTrue();
  }

  @Test
  void handlersOnEventLoopsAreInOrderToo() {
    trial
        .io
        .main()
        .handleOn(HandlerThreads.EVENT_LOOP)
        .onConnection(socket ->
            socket.on(
                "n",
                arguments -> {
                  heard.add(arguments.toJson() + Thread.currentThread().isVirtual());
                  var _ = socket.emitWithAck("q").thenAccept(answer -> heard.add(answer.toJson()));
                }));

    TestClient client = trial.connected().send("42[\"n\",1]").send("42[\"n\",2]");

    assertThat(drain(2)).containsExactly("[1]false", "[2]false");
    assertThat(client.next()).isEqualTo("420[\"q\"]");
    client.send("430[5]");
    assertThat(Trial.next(heard)).isEqualTo("[5]");
  }

  @Test
  void reservedNamesAreNotSent() {
    for (String name : List.of("connect", "connect_error", "disconnect", "newListener")) {
      assertThatThrownBy(() -> trial.io.main().emit(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("event: " + name + " (expected: none of the reserved names)");
    }
  }

  @Test
  void aValueThatIsNoJsonIsNotKeptAsData() {
    BlockingQueue<Socket> sockets = trial.connections("/");
    TestClient client = trial.connected();
    Socket socket = Trial.next(sockets);
    socket.onDisconnect(heard::add);

    assertThatThrownBy(() -> socket.data().put("x", new Broken()))
        .isInstanceOf(IllegalArgumentException.class);
    List<Object> changed = new java.util.ArrayList<>();
    socket.data().put("list", changed);
    changed.add(new Broken());
    socket.join("room");
    client.send("41");

    assertThat(Trial.next(heard)).isEqualTo("client namespace disconnect");
    assertThat(trial.io.main().fetchSockets().join()).isEmpty();
  }
}
