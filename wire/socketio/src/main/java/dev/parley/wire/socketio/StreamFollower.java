package dev.parley.wire.socketio;

import dev.parley.hub.Follower;
import dev.parley.hub.Hub;
import dev.parley.hub.Subscription;
import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.codec.SocketPacket;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends one client what a stream has after an offset, then what comes, in order and once. While the
 * connection is slow it is an offset, and at most one chunk that is on its way. Confined to the
 * loop of the session, and moves with it.
 *
 * <p>Followers on one loop that are given the same {@link StreamEvents} send the same bytes.
 */
public final class StreamFollower {
  /** What came of it. On the loop of the session. */
  public interface Listener {
    /** These were sent, or will be in a moment. */
    default void onSent(List<Message> messages) {}

    /** Nothing follows any more; not called for a socket that has gone. */
    void onEnd(Follower.End end);
  }

  private final Hub hub;
  private final ClientSocket socket;
  private final Connection connection;
  private final StreamPath path;
  private final StreamEvents events;
  private final Function<dev.parley.hub.Delivery, List<Delivery>> encode = this::encode;
  private final Listener listener;
  private final ArrayDeque<Delivery> waiting = new ArrayDeque<>(1);
  private long after;
  private long stream; // the one at the path when it began; 0 before
  private @Nullable Place place;
  private Follower.@Nullable End end; // told when what waits has been sent
  private boolean over;

  StreamFollower(
      Hub hub, ClientSocket socket, StreamPath path, StreamEvents events, Listener listener) {
    this.hub = hub;
    this.socket = socket;
    this.connection = socket.connection();
    this.path = path;
    this.events = events;
    this.listener = listener;
  }

  /** Following from one loop, on which the session may not be any more. */
  private final class Place implements Follower {
    final EventLoop loop = connection.session().loop();
    @Nullable Subscription subscription;

    @Override
    public Executor loop() {
      return loop;
    }

    @Override
    public boolean onDelivery(dev.parley.hub.Delivery delivery) {
      if (connection.session().loop() != loop) {
        connection.session().execute(() -> moveFrom(this));
        return false;
      }
      return place == this && take(delivery);
    }

    @Override
    public void onCaughtUp(StreamInfo info) {}

    @Override
    public void onSkipped(long count) {
      onEnd(End.TOO_SLOW);
    }

    @Override
    public void onEnd(End why) {
      connection.session().execute(() -> endFrom(this, why));
    }
  }

  /** On the loop of the session: sends what comes after an offset. */
  public void start(long from) {
    after = from;
    follow();
  }

  /** As {@link #start(long)}, after messages of the stream that were read already. */
  public void start(StreamInfo info, List<Message> read) {
    var _ = take(new dev.parley.hub.Delivery(info, read, false));
    follow();
  }

  private void follow() {
    if (over || !socket.connected()) {
      over = true;
      return;
    }
    Place here = new Place();
    place = here;
    Subscription following = hub.follow(path, after, here);
    here.subscription = following;
    if (place != here) {
      following.cancel(); // ended meanwhile
    }
  }

  private void moveFrom(Place left) {
    if (place == left) {
      leave();
      follow();
    }
  }

  private void endFrom(Place left, Follower.End why) {
    if (place == left) {
      leave();
      end = why;
      send();
    }
  }

  private void leave() {
    Place left = place;
    place = null;
    if (left != null && left.subscription != null) {
      left.subscription.cancel();
    }
  }

  private boolean take(dev.parley.hub.Delivery delivery) {
    if (!socket.connected()) {
      cancel();
      return false;
    }
    if (stream != 0 && stream != delivery.info().id()) {
      leave();
      end = Follower.End.DELETED; // another one at the same path
      send();
      return false;
    }
    stream = delivery.info().id();
    after = delivery.messages().getLast().offset();
    waiting.addAll(delivery.encoded(events, encode));
    send();
    listener.onSent(delivery.messages());
    if (waiting.isEmpty() && !connection.isClear()) {
      connection.whenClear(this::goOn);
    }
    return waiting.isEmpty() && connection.isClear();
  }

  private void send() {
    while (!waiting.isEmpty() && connection.isClear()) {
      Delivery next = waiting.remove();
      socket.heard(next);
      connection.send(next);
    }
    if (!waiting.isEmpty()) {
      connection.whenClear(this::goOn);
    } else if (end != null && !over) {
      over = true;
      listener.onEnd(end);
    }
  }

  private void goOn() {
    if (over) {
      return;
    }
    send();
    Place here = place;
    if (waiting.isEmpty() && here != null && here.subscription != null) {
      here.subscription.resume();
    }
  }

  private List<Delivery> encode(dev.parley.hub.Delivery delivery) {
    String namespace = socket.namespace().name();
    Values values = socket.namespace().values();
    return events.of(delivery.info(), delivery.messages()).stream()
        .map(event ->
            new SocketPacket.Event(
                namespace,
                event.name(),
                SocketPacket.NO_ACK,
                Values.event(values.quoted(event.name()), event.arguments())))
        .map(packet -> Delivery.of(packet, true, false))
        .toList();
  }

  /** On the loop of the session: nothing is sent any more. */
  public void cancel() {
    over = true;
    waiting.clear();
    leave();
  }
}
