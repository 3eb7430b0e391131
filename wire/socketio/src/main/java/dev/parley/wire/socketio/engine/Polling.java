package dev.parley.wire.socketio.engine;

import dev.parley.wire.socketio.codec.EnginePacket;
import dev.parley.wire.socketio.codec.PollingFormat;
import dev.parley.wire.socketio.codec.ProtocolException;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP long-polling of one session: at most one GET that waits for messages, and at most one POST
 * whose answer is held back. Confined to the session's loop.
 */
final class Polling implements Runnable {
  private static final int ANSWER_BYTES = 1_000_000; // the rest goes with the next poll
  private static final long NOOP_MILLIS = 50; // the client's upgrade may be on the way

  private final Session session;
  private final EngineServer server;
  private final boolean base64;
  private final Backlog backlog;
  private @Nullable Answer poll;
  private @Nullable Answer post;
  private boolean probed;
  private boolean answersSoon;
  private boolean closing; // the session has ended, and the next poll is told
  private Outgoing farewell = Outgoing.CLOSE;

  Polling(Session session, EngineServer server, boolean base64, Backlog backlog) {
    this.session = session;
    this.server = server;
    this.base64 = base64;
    this.backlog = backlog;
  }

  /** The client asks for messages. */
  void onPoll(Answer answer) {
    if (poll != null) { // Engine.IO 4, "HTTP long-polling": one active GET
      session.shut(CloseReason.TRANSPORT_ERROR);
      server.refuse(answer, RequestError.BAD_REQUEST);
      return;
    }
    poll = answer;
    if (closing) {
      if (answerRest()) {
        session.finish();
      }
    } else if (!backlog.isEmpty()) {
      answer();
    } else if (probed) {
      var _ =
          session.loop().schedule(() -> endDuringProbe(answer), NOOP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void endDuringProbe(Answer waiting) {
    if (probed && poll == waiting) {
      answer(Outgoing.NOOP);
    }
  }

  /** The client sends packets. */
  void onPost(Answer answer, Slice body, boolean binary) {
    if (closing) {
      answer.ok();
      return;
    }
    if (post != null || (binary && session.revision() == Revision.EIO4)) {
      session.shut(CloseReason.TRANSPORT_ERROR);
      server.refuse(answer, RequestError.BAD_REQUEST);
      return;
    }
    if (body.length() > server.limits().maxPayload()) {
      session.shut(CloseReason.MESSAGE_TOO_BIG);
      server.refuse(answer, RequestError.PAYLOAD_TOO_LARGE);
      return;
    }
    List<EnginePacket> packets;
    try {
      packets = PollingFormat.received(session.revision(), binary).decode(body, server.limits());
    } catch (ProtocolException e) {
      session.fail(e);
      server.refuse(answer, RequestError.BAD_REQUEST, String.valueOf(e.getMessage()));
      return;
    }
    for (int i = 0; i < packets.size() && session.isOpen(); i++) {
      session.onPacket(packets.get(i));
    }
    if (session.failed()) {
      server.refuse(answer, RequestError.BAD_REQUEST);
    } else if (session.isOpen() && session.isPaused()) {
      post = answer;
    } else {
      answer.ok();
    }
  }

  /** Whether the session has ended, and the client has yet to hear of it. */
  boolean isClosing() {
    return closing;
  }

  /** The session reads on. */
  void resume() {
    Answer held = post;
    if (held != null) {
      post = null;
      held.ok();
    }
  }

  /** The client has gone before it was answered. */
  void onCancel(Answer answer) {
    if (answer == poll || answer == post) {
      poll = null;
      post = null;
      if (!closing) {
        session.shut(CloseReason.TRANSPORT_ERROR);
      }
    }
  }

  /** A message has been added to the backlog; others may follow in this pass of the loop. */
  void answerSoon() {
    if (poll != null && !answersSoon) {
      answersSoon = true;
      session.loop().execute(this);
    }
  }

  @Override
  public void run() {
    answersSoon = false;
    if (poll != null && !backlog.isEmpty() && !closing) {
      answer();
    }
  }

  /** While the client probes another transport, its polls are ended so that it can pause them. */
  void onProbe(boolean begins) {
    probed = begins;
    if (begins && poll != null) {
      if (backlog.isEmpty()) {
        answer(Outgoing.NOOP);
      } else {
        answer();
      }
    }
  }

  /** The session goes on over another transport; a client that polls on is wrong. */
  void end() {
    Answer late = poll;
    if (late != null) {
      poll = null;
      server.refuse(late, RequestError.BAD_REQUEST);
    }
    resume();
  }

  /**
   * The session has ended.
   *
   * @return whether the client has yet to fetch what was sent before
   */
  boolean close(CloseReason reason, boolean byClient) {
    resume();
    if (!byClient && !reason.isOrderly()) {
      if (poll != null) {
        answer(Outgoing.CLOSE);
      }
      return false;
    }
    closing = true;
    if (byClient) { // its poll may be on the way
      backlog.clear();
      farewell = Outgoing.NOOP;
    }
    return poll == null || !answerRest();
  }

  private void answer(Outgoing packet) {
    List<EnginePacket> packets = new ArrayList<>(1);
    packet.addTo(packets, session.revision());
    write(packets, false);
  }

  private void answer() {
    boolean wasFull = !session.hasRoom();
    List<EnginePacket> packets = new ArrayList<>();
    boolean compress = take(packets);
    write(packets, compress);
    if (wasFull && session.hasRoom()) {
      session.onWritable();
    }
  }

  /**
   * True when nothing is left and the client knows that the session has ended. It hears so in an
   * answer of its own: stock clients read the close before the messages of the same answer, and
   * come back without having seen them.
   */
  private boolean answerRest() {
    List<EnginePacket> packets = new ArrayList<>();
    boolean compress = take(packets);
    boolean last = packets.isEmpty();
    if (last) {
      farewell.addTo(packets, session.revision());
    }
    write(packets, compress);
    return last;
  }

  /** Moves messages from the backlog to one answer; says whether any of them is worth it. */
  private boolean take(List<EnginePacket> packets) {
    boolean compress = false;
    int bytes = 0;
    for (Outgoing next = backlog.peek(); next != null; next = backlog.peek()) {
      bytes += Backlog.cost(next);
      if (bytes > ANSWER_BYTES && !packets.isEmpty()) {
        break;
      }
      next.addTo(packets, session.revision());
      compress |= next.compresses();
      backlog.poll();
    }
    return compress;
  }

  private void write(List<EnginePacket> packets, boolean compress) {
    Answer to = poll;
    poll = null;
    if (to != null) {
      write(to, packets, compress);
    }
  }

  /** Answers a request with packets; the first is that of the handshake. */
  void write(Answer to, List<EnginePacket> packets, boolean compress) {
    PollingFormat format = PollingFormat.sent(session.revision(), base64, packets);
    int size = 0;
    for (int i = 0; i < packets.size(); i++) {
      size += format.cost(packets.get(i));
    }
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(size);
    format.write(packets, body);
    boolean compresses =
        compress && body.readableBytes() >= server.config().httpCompressionFromBytes();
    to.packets(format == PollingFormat.FRAMED, compresses, body);
  }
}
