package dev.parley.bench.peer;

import com.corundumstudio.socketio.Configuration;
import com.corundumstudio.socketio.SocketIOServer;

/** netty-socketio with its default settings, on epoll. Its own threads run the listeners. */
final class NettySocketIo {
  private NettySocketIo() {}

  /** Serves on the port given until it is killed. */
  public static void main(String[] args) {
    Configuration configuration = new Configuration();
    configuration.setPort(Integer.parseInt(args[0]));
    configuration.setUseLinuxNativeEpoll(true);
    configuration.getSocketConfig().setReuseAddress(true);
    configuration.getSocketConfig().setAcceptBackLog(4096);
    SocketIOServer server = new SocketIOServer(configuration);
    server.addEventListener(
        "message",
        Object.class,
        (client, message, ack) -> client.sendEvent("message-back", message));
    server.addEventListener(
        "message-with-ack", Object.class, (client, message, ack) -> ack.sendAckData(message));
    server.addEventListener("join", String.class, (client, room, ack) -> client.joinRoom(room));
    server.addMultiTypeEventListener(
        "publish",
        (client, publish, ack) -> {
          String room = publish.first();
          Object payload = publish.second();
          server.getRoomOperations(room).sendEvent("message", payload);
        },
        String.class,
        Object.class);
    server.start();
  }
}
