package dev.parley.wire.aisdk;

import dev.parley.hub.Delivery;
import dev.parley.hub.Follower;
import dev.parley.hub.Hub;
import dev.parley.hub.Subscription;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.HttpError;
import dev.parley.transport.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A reply so far, as a catch-up read of a Durable Stream in JSON (§5.6). Confined to its response's
 * event loop.
 */
final class ReplySnapshot implements Follower {
  private final Reading reading;
  private final Response response;
  private final Chunks chunks = new Chunks();
  private @Nullable Subscription subscription;
  private boolean answered;

  ReplySnapshot(Reading reading, Response response) {
    this.reading = reading;
    this.response = response;
  }

  void begin(Hub hub, StreamPath path) {
    response.onClose(this::leave);
    subscription = hub.follow(path, 0, this);
  }

  @Override
  public Executor loop() {
    return response.loop();
  }

  @Override
  public boolean onDelivery(Delivery delivery) {
    if (!answered) {
      reading.take(delivery.messages(), chunks);
    }
    return !answered;
  }

  @Override
  public void onCaughtUp(StreamInfo info) {
    if (answered) {
      return;
    }
    reading.settle(chunks);
    boolean pauses = reading.pauses();
    if (pauses) {
      ReplyState.pause(chunks);
    }
    response
        .headers()
        .set("content-type", "application/json")
        .set("cache-control", "no-store")
        .set("stream-next-offset", Framing.token(reading.offset()))
        .set("stream-up-to-date", "true");
    if (pauses || reading.state().ended()) {
      response.headers().set("stream-closed", "true");
    }
    answered = true;
    response.send(200, array(chunks.take()));
    leave();
  }

  private static ByteBuf array(List<byte[]> chunks) {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    out.writeByte('[');
    for (int i = 0; i < chunks.size(); i++) {
      if (i > 0) {
        out.writeByte(',');
      }
      out.writeBytes(chunks.get(i));
    }
    return out.writeByte(']');
  }

  @Override
  public void onEnd(End end) {
    if (answered) {
      return;
    }
    answered = true;
    HttpError error =
        switch (end) {
          case CLOSED, DELETED, TRIMMED ->
              new HttpError(404, "not_found", "run: not kept any more", false);
          case TOO_SLOW, FAILED, DRAINING ->
              new HttpError(503, "unavailable", "come back in a moment", true);
        };
    error.send(response);
  }

  private void leave() {
    answered = true;
    Subscription following = subscription;
    if (following != null) {
      subscription = null;
      following.cancel();
    }
  }
}
