package dev.parley.examples;

import dev.parley.server.ParleyServer;
import dev.parley.socketio.Namespace.HandlerThreads;
import dev.parley.socketio.SocketIo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Sends back what it gets. Its handlers never block, so they run on the event loops. */
final class EchoServer {
  private EchoServer() {}

  static ParleyServer start(int port, boolean recovery, @Nullable Path data) {
    ParleyServer.Builder builder =
        ParleyServer.builder()
            .port(port)
            .set("access.allow-origins", "*")
            .set("socketio.recovery.window", recovery ? "2m" : "0s")
            .socketIo(EchoServer::setUp);
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

  private static void setUp(SocketIo io) {
    io.main()
        .handleOn(HandlerThreads.EVENT_LOOP)
        .onConnection(socket ->
            socket
                .on("message", args -> socket.emit("message-back", args))
                .on("message-with-ack", args -> args.ack().send(args))
                .on(
                    "join",
                    String.class,
                    (room, ack) -> {
                      socket.join(room);
                      ack.send();
                    })
                .on(
                    "leave",
                    String.class,
                    (room, ack) -> {
                      socket.leave(room);
                      ack.send();
                    })
                .on(
                    "publish",
                    args -> {
                      io.main()
                          .to(args.require(0, String.class))
                          .emit("message", args.get(1, Object.class));
                      args.ack().send();
                    }));
  }
}
