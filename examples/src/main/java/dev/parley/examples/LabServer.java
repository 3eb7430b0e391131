package dev.parley.examples;

import dev.parley.server.ParleyServer;
import dev.parley.socketio.Ack;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.RemoteSocket;
import dev.parley.socketio.Socket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does what the suites of {@code testkit/clients/socketio} ask for, recovery above all: an event
 * for each thing they have to see or bring about, in two namespaces.
 */
final class LabServer {
  private static final Duration PATIENCE = Duration.ofMillis(200); // with clients that don't answer

  private LabServer() {}

  static ParleyServer start(
      int port, @Nullable Path data, Duration window, boolean skipMiddleware) {
    ParleyServer.Builder builder =
        ParleyServer.builder()
            .port(port)
            .set("access.allow-origins", "*")
            .set("socketio.engine.ping-interval", "300ms")
            .set("socketio.engine.ping-timeout", "1s")
            .set("socketio.recovery.window", window.toMillis() + "ms")
            .set("socketio.recovery.skip-middleware", Boolean.toString(skipMiddleware))
            .socketIo(io -> {
              setUp(io.main());
              setUp(io.of("/other"));
            });
    if (data == null) {
      builder.inMemory();
    } else {
      builder.data(data);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void setUp(Namespace namespace) {
    namespace
        .use(socket -> {
          if (socket.handshake().auth().containsKey("refuse")) {
            throw new ConnectRefusedException("refused", Map.of("code", 7));
          }
          int before = socket.data().get("checks") instanceof Number checks ? checks.intValue() : 0;
          socket.data().put("checks", before + 1);
        })
        .onConnection(socket -> {
          self(socket);
          rooms(namespace, socket);
          questions(namespace, socket);
        });
  }

  private static void self(Socket socket) {
    socket.on("whoami", args -> args.ack().send(whoami(socket)));
    answer(socket, "remember", args -> socket.data().put("value", args.require(0, Object.class)));
    answer(socket, "join", args -> socket.join(room(args)));
    answer(socket, "leave", args -> socket.leave(room(args)));
    answer(socket, "say", args -> socket.emit("message", args));
  }

  private static Map<String, Object> whoami(Socket socket) {
    return Map.of(
        "id", socket.id(),
        "recovered", socket.recovered(),
        "rooms", socket.rooms().stream().sorted().toList(),
        "data", socket.data());
  }

  private static void rooms(Namespace namespace, Socket socket) {
    answer(
        socket,
        "publish",
        args -> namespace.to(room(args)).emit("message", args.get(1, Object.class)));
    answer(socket, "publish-all", args -> namespace.emit("message", args));
    answer(
        socket,
        "publish-except",
        args ->
            namespace
                .to(room(args))
                .except(args.require(1, String.class))
                .emit("message", args.get(2, Object.class)));
    answer(
        socket,
        "publish-volatile",
        args -> namespace.to(room(args)).asVolatile().emit("message", args.get(1, Object.class)));
    answer(socket, "expel", args -> namespace.to(room(args)).disconnectSockets(false));
    socket.on(
        "present",
        args ->
            args.ack()
                .send(namespace.fetchSockets().join().stream().map(RemoteSocket::id).toList()));
  }

  private static void questions(Namespace namespace, Socket socket) {
    socket.on(
        "ask",
        args -> {
          Ack ack = args.ack();
          var _ =
              socket
                  .with()
                  .timeout(PATIENCE)
                  .emitWithAck("question", args)
                  .whenComplete((answer, late) -> ack.send(late == null ? answer : "timed out"));
        });
    socket.on(
        "publish-asking",
        args -> {
          Ack ack = args.ack();
          Broadcast asked = namespace.to(room(args)).timeout(PATIENCE);
          var _ =
              asked
                  .emitWithAck("question", args.get(1, Object.class))
                  .whenComplete(
                      (answers, late) -> ack.send(late == null ? firsts(answers) : "timed out"));
        });
  }

  private static List<Object> firsts(List<Arguments> answers) {
    return answers.stream().map(answer -> answer.require(0, Object.class)).toList();
  }

  /** Does it, then acknowledges. */
  private static void answer(Socket socket, String event, Consumer<Arguments> handler) {
    socket.on(
        event,
        args -> {
          handler.accept(args);
          args.ack().send();
        });
  }

  private static String room(Arguments args) {
    return args.require(0, String.class);
  }
}
