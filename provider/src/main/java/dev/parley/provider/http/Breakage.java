package dev.parley.provider.http;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Objects;
import javax.net.ssl.SSLException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;

/** Why a request has no complete answer. */
public record Breakage(Kind kind, String message) {
  /** What is broken. */
  public enum Kind {
    /** No connection could be made. */
    UNREACHABLE,
    /** All connections are taken, and enough requests wait for one. */
    NO_ROOM,
    /** The connection ended before the answer did. */
    DISCONNECTED,
    /** What came is not HTTP. */
    NOT_HTTP
  }

  public Breakage {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(message);
  }

  static Breakage of(Throwable cause, boolean connected, String origin) {
    if (cause instanceof PoolAcquirePendingLimitException
        || cause instanceof PoolAcquireTimeoutException) {
      return new Breakage(Kind.NO_ROOM, origin + ": every connection is taken");
    }
    boolean undecodable =
        cause instanceof DecoderException || cause instanceof IllegalArgumentException;
    if (undecodable && !(cause.getCause() instanceof SSLException)) {
      return new Breakage(Kind.NOT_HTTP, origin + ": the answer is not HTTP");
    }
    if (cause instanceof Http2Exception) {
      return new Breakage(Kind.NOT_HTTP, origin + ": the answer is not HTTP/2");
    }
    Throwable root = cause.getCause() instanceof IOException inner ? inner : cause;
    if (connected || !neverConnected(root)) {
      return new Breakage(Kind.DISCONNECTED, origin + ": closed the connection");
    }
    return new Breakage(
        Kind.UNREACHABLE, origin + ": cannot connect (" + root.getClass().getSimpleName() + ")");
  }

  private static boolean neverConnected(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof NoRouteToHostException
        || cause instanceof UnknownHostException
        || cause instanceof SSLException;
  }
}
