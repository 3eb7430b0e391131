package dev.parley.wire.socketio;

import dev.parley.wire.socketio.codec.SocketPacket;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has sent, held against its limits and those it shares with others. Confined
 * to the loop of the connection.
 */
final class Inbound {
  static final String ERROR = "parley:error";

  /** A connection that sends this many times what it may … */
  private static final int FLOOD = 10;

  /** … in each of so many seconds is closed. */
  private static final int FLOOD_SECONDS = 3;

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** The limits of one server. Safe on any thread. */
  static final class Limits {
    private final boolean loopback;
    private final Rate connection;
    private final Meters users;
    private final Meters addresses;

    Limits(InboundConfig config, long now) {
      this.loopback = config.loopback();
      this.connection = config.connection();
      this.users = new Meters(config.user(), now);
      this.addresses = new Meters(config.address(), now);
    }

    /** Those of one more connection, or {@code null} when it has none. */
    @Nullable Inbound of(InetAddress address, long now) {
      return address.isLoopbackAddress() && !loopback ? null : new Inbound(this, address, now);
    }

    Meters users() {
      return users;
    }

    Meters addresses() {
      return addresses;
    }
  }

  /** Why a packet is not let in. */
  record Refusal(String message, long retryMillis, boolean flood) {
    /** What a client is told, in an answer or an event. */
    Map<String, Object> error() {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("code", "rate_limited");
      error.put("message", message);
      error.put("retry", true);
      error.put("retryAfter", retryMillis);
      return Map.of("error", error);
    }
  }

  /** Of a connection that has sent too much. */
  private static final class Excess {
    long since;
    long nanos; // how long what was refused in this second would take at the rate allowed
    int seconds; // in a row
    long toldAt;
    boolean told;
  }

  private final Limits limits;
  private final String addressName;
  private final @Nullable Meter address;
  private long eventsFullAt;
  private long bytesFullAt;
  private @Nullable Excess excess;
  private boolean closed;

  private Inbound(Limits limits, InetAddress address, long now) {
    this.limits = limits;
    this.addressName = Meters.of(address);
    this.address = limits.addresses.claim(addressName, now);
    this.eventsFullAt = now;
    this.bytesFullAt = now;
  }

  /** The meter of a socket's user until {@link #left}; {@code null} for one without a name. */
  @Nullable Meter joined(@Nullable String subject, long now) {
    return subject == null ? null : limits.users.claim(subject, now);
  }

  void left(String subject, long now) {
    limits.users.release(subject, now);
  }

  void close(long now) {
    if (!closed && address != null) {
      closed = true;
      limits.addresses.release(addressName, now);
    }
  }

  /** Counts a packet, or says why it is not let in: then it costs nothing. */
  @Nullable Refusal receive(int size, @Nullable Meter user, long now) {
    Rate own = limits.connection;
    long eventsWait = own.delay(eventsFullAt, own.eventCost(), now);
    long ownWait = Math.max(eventsWait, own.delay(bytesFullAt, own.byteCost(size), now));
    long userWait = user == null ? 0 : user.delay(size, now);
    long addressWait = address == null ? 0 : address.delay(size, now);
    if ((ownWait | userWait | addressWait) == 0) {
      eventsFullAt = Rate.charge(eventsFullAt, now, own.eventCost());
      bytesFullAt = Rate.charge(bytesFullAt, now, own.byteCost(size));
      if (user != null) {
        user.charge(size, now);
      }
      if (address != null) {
        address.charge(size, now);
      }
      return null;
    }
    if (ownWait >= userWait && ownWait >= addressWait) {
      return refuse(own, eventsWait == ownWait, ownWait, size, now);
    }
    Meter shared = user != null && userWait >= addressWait ? user : address;
    long wait = Math.max(userWait, addressWait);
    return shared == null
        ? null
        : refuse(shared.rate(), shared.eventsDelay(now) == wait, wait, size, now);
  }

  private Refusal refuse(Rate rate, boolean events, long wait, int size, long now) {
    Excess over = excess;
    if (over == null) {
      over = new Excess();
      over.since = now;
      excess = over;
    }
    if (now - over.since >= SECOND) {
      boolean goesOn = now - over.since < 2 * SECOND && over.nanos >= FLOOD * SECOND;
      over.seconds = goesOn ? over.seconds + 1 : 0;
      over.since = now;
      over.nanos = 0;
    }
    over.nanos += events ? rate.eventCost() : rate.byteCost(size);
    long millis = TimeUnit.NANOSECONDS.toMillis(wait + TimeUnit.MILLISECONDS.toNanos(1) - 1);
    return new Refusal(
        "rate: too many "
            + (events ? "events" : "bytes")
            + " (expected: "
            + (events ? rate.events : rate.bytes)
            + " a second of one "
            + rate.whose
            + ")",
        millis,
        over.seconds >= FLOOD_SECONDS);
  }

  /** What a packet that came in several parts has of bytes. */
  static int size(SocketPacket packet) {
    SocketPacket.Payload payload =
        switch (packet) {
          case SocketPacket.Event event -> event.payload();
          case SocketPacket.Ack ack -> ack.payload();
          case SocketPacket.Connect _, SocketPacket.Disconnect _, SocketPacket.ConnectError _ ->
              null;
        };
    if (payload == null) {
      return 0;
    }
    int size = payload.json().length();
    for (int i = 0; i < payload.attachments().size(); i++) {
      size += payload.attachments().get(i).length();
    }
    return size;
  }

  /** Whether the client is to hear of it, which it does once a second. */
  boolean tells(long now) {
    Excess over = excess;
    if (over == null || (over.told && now - over.toldAt < SECOND)) {
      return false;
    }
    over.told = true;
    over.toldAt = now;
    return true;
  }
}
