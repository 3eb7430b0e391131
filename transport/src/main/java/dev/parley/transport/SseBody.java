package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * An answer of server-sent events (HTML §9.2): comments while it is silent, and an end when its
 * time is over. There are many, so it keeps little. Confined to its response's event loop.
 */
public abstract class SseBody {
  private static final byte[] COMMENT = {':', '\n', '\n'};

  private final Response response;
  private final StreamingBody body;
  private final long endNanos; // System.nanoTime()
  private long silentSinceNanos = System.nanoTime(); // as of the last look
  private boolean wrote; // since then
  private boolean ended;
  private SseRounds.@Nullable Round round;

  /** Where it is in its round, which alone sets it. */
  int place;

  /**
   * Sends status and headers, of which there may already be some.
   *
   * @param lifeNanos after which {@link #onExpired} is called; any large number for never
   */
  protected SseBody(Response response, long lifeNanos) {
    response
        .headers()
        .set("content-type", "text/event-stream")
        .set("x-accel-buffering", "no"); // else nginx holds events back
    this.response = response;
    this.body = response.stream(200);
    this.endNanos = System.nanoTime() + Math.clamp(lifeNanos, 0, Long.MAX_VALUE / 2);
  }

  /** From now on it is looked after. */
  public final void begin(SseRounds rounds) {
    response.onClose(this::leave);
    body.onWritable(this::onWritable);
    if (!ended) {
      round = rounds.join(this);
    }
  }

  public final EventLoop loop() {
    return response.loop();
  }

  public final boolean ended() {
    return ended;
  }

  public final boolean isWritable() {
    return body.isWritable();
  }

  /** Bytes that several get. */
  public final void write(SharedFrame frame) {
    wrote = true;
    body.write(frame);
  }

  /** Bytes for this client alone, which are released by the transport. */
  public final void write(ByteBuf bytes) {
    wrote = true;
    body.write(bytes);
  }

  /** Ends it in order, once. */
  public final void end() {
    if (!ended) {
      leave();
      body.end();
    }
  }

  /** Ends it so that the client can tell that there is more. */
  public final void abort() {
    if (!ended) {
      leave();
      body.abort();
    }
  }

  /** More can be written. */
  protected abstract void onWritable();

  /** It is over, or its client has gone; called once. */
  protected abstract void onLeave();

  /** Its time is over; ends it. */
  protected void onExpired() {
    end();
  }

  /** It was looked after, and goes on. */
  protected void onTick() {}

  final void tick(long nowNanos, long heartbeatNanos) {
    if (nowNanos - endNanos >= 0) {
      onExpired();
      return;
    }
    if (wrote) {
      wrote = false;
      silentSinceNanos = nowNanos;
    } else if (nowNanos - silentSinceNanos >= heartbeatNanos && body.isWritable()) {
      silentSinceNanos = nowNanos;
      body.write(Unpooled.wrappedBuffer(COMMENT));
    }
    onTick();
  }

  private void leave() {
    if (ended) {
      return;
    }
    ended = true;
    SseRounds.Round mine = round;
    if (mine != null) {
      round = null;
      mine.remove(this);
    }
    onLeave();
  }
}
