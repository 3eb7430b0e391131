package dev.parley.server;

import dev.parley.socketio.Namespace;
import dev.parley.socketio.SocketIo;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The part of a rehearsal that Socket.IO clients play: they connect, join a room, send, vanish, and
 * come back for what they missed, again and again. Confined to one thread.
 */
final class SocketRehearsal {
  private static final String ON_LOOPS = "/loops";
  private static final int CLIENTS = 50; // of each namespace
  private static final int ROUNDS = 40;
  private static final int MESSAGES = 5; // missed, and sent, by each in a round
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(8);

  private SocketRehearsal() {}

  /** Its handlers, which run on threads of their own and on event loops. */
  static void setUp(SocketIo io) {
    handle(io.main());
    handle(io.of(ON_LOOPS).handleOn(Namespace.HandlerThreads.EVENT_LOOP));
  }

  private static void handle(Namespace namespace) {
    namespace.onConnection(socket ->
        socket
            .on("message", args -> socket.emit("message-back", args))
            .on("join", args -> socket.join(args.require(0, String.class)))
            .on("publish", args -> namespace.to("room").emit("message", args)));
  }

  static void run(int port) throws IOException {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new Client(port, ""));
      clients.add(new Client(port, ON_LOOPS + ","));
    }
    List<Client> publishers = clients.subList(0, 2); // one of each namespace
    List<Client> members = clients.subList(2, clients.size());
    try {
      comeBack(clients);
      for (Client client : clients) {
        client.event("\"join\",\"room\"");
      }
      exchange(clients);
      long end = System.nanoTime() + LIMIT_NANOS;
      for (int round = 0; round < ROUNDS && System.nanoTime() < end; round++) {
        for (Client member : members) {
          member.vanish();
        }
        for (int i = 0; i < MESSAGES; i++) {
          for (Client publisher : publishers) {
            publisher.event("\"publish\",{\"text\":\"what was missed\",\"number\":" + i + "}");
            publisher.awaitEvent();
          }
        }
        comeBack(members);
        for (Client member : members) {
          member.awaitEvents(MESSAGES);
        }
        exchange(members);
      }
    } finally {
      for (Client client : clients) {
        client.vanish();
      }
    }
  }

  private static void comeBack(List<Client> clients) throws IOException {
    for (Client client : clients) {
      client.open();
    }
    for (Client client : clients) {
      client.connect();
    }
    for (Client client : clients) {
      client.awaitConnected();
    }
  }

  private static void exchange(List<Client> clients) throws IOException {
    for (int i = 0; i < MESSAGES; i++) {
      for (Client client : clients) {
        client.event("\"message\",{\"text\":\"to and fro\",\"number\":" + i + "}");
      }
    }
    for (Client client : clients) {
      client.awaitEvents(MESSAGES);
    }
  }

  /** A client over WebSocket that keeps what it needs to be recovered. */
  private static final class Client {
    private static final Pattern SESSION = Pattern.compile("\"pid\":\"([^\"]+)\"");
    private static final Pattern OFFSET = Pattern.compile(",\"([^\"]+)\"]$");

    private final int port;
    private final String namespace; // as a prefix of a packet
    private Socket socket = new Socket();
    private InputStream in = InputStream.nullInputStream();
    private String pid = "";
    private String offset = "";

    Client(int port, String namespace) {
      this.port = port;
      this.namespace = namespace;
    }

    void open() throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(10_000);
      in = new BufferedInputStream(socket.getInputStream());
      socket
          .getOutputStream()
          .write(
              String.join(
                      "\r\n",
                      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
                      "host: localhost",
                      "connection: Upgrade",
                      "upgrade: websocket",
                      "sec-websocket-version: 13",
                      "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
                      "",
                      "")
                  .getBytes(StandardCharsets.US_ASCII));
    }

    /** Sends its CONNECT once the server has greeted it. */
    void connect() throws IOException {
      RehearseCommand.skipHead(in);
      await("0{");
      String auth = pid.isEmpty() ? "" : "{\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"}";
      send("40" + namespace + auth);
    }

    void awaitConnected() throws IOException {
      Matcher session = SESSION.matcher(await("40"));
      if (session.find()) {
        pid = session.group(1);
      }
    }

    void event(String arguments) throws IOException {
      send("42" + namespace + "[" + arguments + "]");
    }

    void awaitEvents(int count) throws IOException {
      for (int i = 0; i < count; i++) {
        awaitEvent();
      }
    }

    void awaitEvent() throws IOException {
      Matcher last = OFFSET.matcher(await("42"));
      if (last.find()) {
        offset = last.group(1);
      }
    }

    /** Without a word. */
    void vanish() throws IOException {
      socket.close();
    }

    /** One frame; masked with zeros (RFC 6455 §5.3), it is sent as it is. */
    private void send(String packet) throws IOException {
      byte[] text = packet.getBytes(StandardCharsets.US_ASCII);
      boolean isLong = text.length > 125;
      int head = isLong ? 8 : 6;
      byte[] frame = new byte[head + text.length];
      frame[0] = (byte) 0x81;
      frame[1] = (byte) (0x80 | (isLong ? 126 : text.length));
      if (isLong) {
        frame[2] = (byte) (text.length >> 8);
        frame[3] = (byte) text.length;
      }
      System.arraycopy(text, 0, frame, head, text.length);
      socket.getOutputStream().write(frame);
    }

    /** Reads on to the packet that begins so. */
    private String await(String start) throws IOException {
      while (true) {
        if (in.read() < 0) {
          throw new IOException("the server closed the connection");
        }
        int length = in.read() & 0x7f;
        if (length == 126) {
          length = in.read() << 8 | in.read();
        }
        String packet = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        if (packet.startsWith(start)) {
          return packet;
        }
      }
    }
  }
}
