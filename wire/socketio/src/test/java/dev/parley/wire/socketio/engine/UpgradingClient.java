package dev.parley.wire.socketio.engine;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * A client that goes over from polling to WebSocket while it sends and receives. Its thread is the
 * caller's, its polls have one of their own.
 */
final class UpgradingClient {
  private static final char SEPARATOR = '\u001e';

  private final Client client;
  private final String sid;
  final List<String> received = new ArrayList<>(); // the polling thread's, then the caller's
  private final Runnable onSend;
  private volatile boolean pausing;

  /** With something to do for each message it is about to send. */
  UpgradingClient(Client client, Runnable onSend) {
    this.client = client;
    this.onSend = onSend;
    this.sid = client.open();
  }

  String sid() {
    return sid;
  }

  /** Sends so many numbered messages, and receives until it has so many of its own. */
  void run(int sends, int receives, Random random) throws Exception {
    CompletableFuture<Void> polls =
        CompletableFuture.runAsync(this::poll, Thread::startVirtualThread);
    int sent = post(0, sends / 3, random);
    Client.Frames socket = client.connect(client.webSocket(sid));
    sent = post(sent, sends / 3, random);
    if (!socket.send("2probe").next().equals("3probe")) {
      throw new AssertionError("probe: no answer");
    }
    sent = post(sent, random.nextInt(3), random);
    pausing = true;
    polls.join();
    socket.send("5");
    while (sent < sends) {
      onSend.run();
      socket.send("4c" + sent++);
    }
    while (received.size() < receives) {
      receive(socket.next());
    }
    socket.abort();
  }

  private int post(int from, int count, Random random) {
    int sent = from;
    while (sent < from + count) {
      onSend.run();
      StringBuilder body = new StringBuilder("4c").append(sent++);
      for (int more = random.nextInt(4); more > 0 && sent < from + count; more--) {
        onSend.run();
        body.append(SEPARATOR).append("4c").append(sent++);
      }
      HttpResponse<String> answer = client.post(sid, body.toString());
      if (answer.statusCode() != 200) {
        throw new AssertionError("post: " + answer.statusCode() + " " + answer.body());
      }
    }
    return sent;
  }

  private void poll() {
    do {
      HttpResponse<String> answer = client.poll(sid);
      if (answer.statusCode() != 200) {
        throw new AssertionError("poll: " + answer.statusCode() + " " + answer.body());
      }
      for (String packet : answer.body().split(String.valueOf(SEPARATOR), -1)) {
        receive(packet);
      }
    } while (!pausing);
  }

  private void receive(String packet) {
    if (packet.startsWith("4")) {
      received.add(packet.substring(1));
    } else if (!packet.equals("6")) {
      throw new AssertionError("packet: " + packet);
    }
  }
}
