package dev.parley.bench;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One Socket.IO session as a client has it, in the main namespace of an Engine.IO 4 connection over
 * WebSocket. It outlives its connections: with a {@code pid} it asks for its state when it comes
 * back. Confined to the loop of its pool.
 */
final class Session implements ClientSocket.Listener {
  private enum State {
    AWAY,
    CONNECTING,
    CONNECTED
  }

  private static final String PID_KEY = "\"pid\":\"";

  private final Sessions pool;
  private final Tally tally;
  private final Sequence sequence = new Sequence();
  private State state = State.AWAY;
  private @Nullable ClientSocket socket; // when CONNECTED
  private @Nullable String pid;
  private @Nullable String offset;
  private boolean keep;
  private boolean joined;
  private boolean heard;
  private boolean deaf;
  private long dueNanos;

  Session(Sessions pool) {
    this.pool = pool;
    tally = pool.tally();
  }

  /** Opens a connection; one that is not to be kept ends with the CONNECT reply. */
  void connect(long due, boolean keeps) {
    dueNanos = due;
    keep = keeps;
    deaf = false;
    state = State.CONNECTING;
    pool.open(this);
  }

  /** Emits an event, its arguments in JSON. */
  void emit(String event, String... arguments) {
    ClientSocket to = socket;
    if (to != null) {
      to.send("42[\"" + event + "\"," + String.join(",", arguments) + "]");
    }
  }

  void join() {
    joined = true;
    emit("join", "\"" + Message.ROOM + "\"");
  }

  void publish(int number, long due) {
    ClientSocket to = socket;
    if (to != null) {
      to.send(Message.PUBLISH + Message.json(number, due) + "]");
    }
  }

  /** Throws away what comes from now on, as if the network had lost it. */
  void goDeaf() {
    deaf = true;
  }

  /** Ends the connection without a word. */
  void drop() {
    ClientSocket left = socket;
    state = State.AWAY;
    socket = null;
    if (left != null) {
      left.close();
    }
  }

  @Override
  public void onText(ClientSocket from, ByteBuf buffer, int start, int length) {
    if (deaf) {
      return;
    }
    char engine = (char) buffer.getByte(start);
    if (engine == '0') {
      from.send(connect());
    } else if (engine == '2') {
      tally.heartbeats.increment();
      from.send("3");
    } else if (engine == '4' && length > 1) {
      char kind = (char) buffer.getByte(start + 1);
      if (kind == '2') {
        onEvent(buffer, start, length);
      } else if (kind == '0') {
        onConnected(from, buffer.toString(start, length, StandardCharsets.US_ASCII));
      } else if (kind == '4') { // CONNECT_ERROR
        tally.complain(new IOException(buffer.toString(start, length, StandardCharsets.US_ASCII)));
        from.close();
      }
    }
  }

  /** The CONNECT packet, with what a client says that wants to go on where it was. */
  private String connect() {
    if (pid == null || offset == null) {
      return "40";
    }
    return "40{\"pid\":\"" + pid + "\",\"offset\":\"" + offset + "\"}";
  }

  private void onConnected(ClientSocket from, String reply) {
    socket = from;
    state = State.CONNECTED;
    tally.late(dueNanos);
    tally.connected.increment();
    String before = pid;
    int at = reply.indexOf(PID_KEY);
    if (at >= 0) {
      int value = at + PID_KEY.length();
      pid = reply.substring(value, reply.indexOf('"', value));
    }
    if (before != null && before.equals(pid)) {
      tally.recovered.increment();
    } else if (joined) {
      join();
    }
    if (!keep) {
      drop();
    }
  }

  private void onEvent(ByteBuf buffer, int start, int length) {
    int brace = buffer.indexOf(start, start + length, (byte) '{');
    if (brace < 0) {
      return;
    }
    if (pid != null) {
      String text = buffer.toString(start, length, StandardCharsets.US_ASCII);
      int close = text.length() - "\"]".length();
      if (text.charAt(close) == '"') {
        offset = text.substring(text.lastIndexOf('"', close - 1) + 1, close);
      }
    }
    int number = Message.number(buffer, brace);
    if (number == 0) {
      if (!heard) {
        heard = true;
        tally.heard.increment();
      }
      return;
    }
    tally.late(Message.dueNanos(buffer, brace));
    switch (sequence.add(number)) {
      case IN_ORDER -> tally.received.increment();
      case AFTER_A_LATER_ONE -> {
        tally.received.increment();
        tally.disordered.increment();
      }
      case AGAIN -> tally.doubled.increment();
    }
  }

  @Override
  public void onClosed(@Nullable Throwable cause) {
    switch (state) {
      case CONNECTING -> tally.failed.increment();
      case CONNECTED -> tally.ended.increment();
      case AWAY -> {
        return;
      }
    }
    state = State.AWAY;
    socket = null;
    if (cause != null) {
      tally.complain(cause);
    }
  }
}
