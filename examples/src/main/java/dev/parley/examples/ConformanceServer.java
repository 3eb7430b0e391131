package dev.parley.examples;

import dev.parley.server.ParleyServer;
import dev.parley.socketio.SocketIo;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What the official conformance suites of Engine.IO and Socket.IO expect of a server. */
final class ConformanceServer {
  private ConformanceServer() {}

  static ParleyServer start(int port) {
    try {
      return ParleyServer.builder()
          .port(port)
          .inMemory()
          .set("transport.event-loops", "1") // requests of several connections in arrival order
          .set("access.allow-origins", "*")
          .set("socketio.engine.ping-interval", "300ms")
          .set("socketio.engine.ping-timeout", "200ms")
          .set("socketio.engine.max-payload", "1000000")
          .set("socketio.connect-timeout", "1s")
          .set("socketio.recovery.window", "0s")
          .socketIo(ConformanceServer::setUp)
          .engineIo("/engine.io", socket -> socket.onText(socket::send).onBinary(socket::send))
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void setUp(SocketIo io) {
    io.main()
        .onConnection(socket -> {
          socket.emit("auth", socket.handshake().auth());
          socket.on("message", args -> socket.emit("message-back", args));
          socket.on("message-with-ack", args -> args.ack().send(args));
        });
    io.of("/custom").onConnection(socket -> socket.emit("auth", socket.handshake().auth()));
  }
}
