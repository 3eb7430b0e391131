package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request being received: its head checked, its body gathered up to the limit. Confined to the
 * connection's loop.
 */
final class Intake {
  private static final int FIRST_BYTES = 8 << 10;
  private static final List<AsciiString> SINGLE =
      List.of(HttpHeaderNames.AUTHORIZATION, HttpHeaderNames.CONTENT_TYPE);

  private final Scope scope;
  final HttpRequest head;
  final RequestTarget target;
  private ByteBuf body = Unpooled.EMPTY_BUFFER;
  private int budgetBytes; // taken from the budget of all bodies
  private int pacedBytes; // of the body when its clock started last

  private Intake(Scope scope, HttpRequest head, RequestTarget target) {
    this.scope = scope;
    this.head = head;
    this.target = target;
  }

  /**
   * Checks the head of an HTTP/1 request. Throws {@link Refused} with the answer when it is not
   * acceptable.
   */
  static Intake http1(HttpRequest head, Scope scope) throws Refused {
    refuseUndecodable(head.decoderResult(), scope.config);
    HttpVersion version = head.protocolVersion();
    if (version.majorVersion() != 1 || !version.protocolName().equals("HTTP")) {
      throw new Refused(
          new Refusal(
              505,
              "http_version",
              "HTTP version is not supported: "
                  + version.text()
                  + " (expected: HTTP/1.1 or HTTP/2)",
              false));
    }
    HttpHeaders headers = head.headers();
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty()) {
      refuseOddCodings(codings, version);
    }
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1 || (hosts.isEmpty() && version.minorVersion() > 0)) {
      // RFC 9112 §3.2
      throw new Refused(Refusal.malformed("Host headers: " + hosts.size() + " (expected: 1)"));
    }
    return checked(head, scope);
  }

  /** Checks the head of an HTTP/2 request, whose framing the codec has checked. */
  static Intake http2(HttpRequest head, Scope scope) throws Refused {
    refuseUndecodable(head.decoderResult(), scope.config);
    head.headers().remove(HttpHeaderNames.TRANSFER_ENCODING); // put there by the codec
    return checked(head, scope);
  }

  private static Intake checked(HttpRequest head, Scope scope) throws Refused {
    TransportConfig config = scope.config;
    refuseLargeHead(head, config);
    refuseRepeated(head.headers());
    RequestTarget target;
    try {
      target = RequestTarget.parse(head.uri());
    } catch (IllegalArgumentException e) {
      throw new Refused(Refusal.malformed(String.valueOf(e.getMessage())));
    }
    String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null && exceeds(length, config.maxBodyBytes())) {
      throw new Refused(Refusal.bodyTooLarge(config.maxBodyBytes()));
    }
    String expect = head.headers().get(HttpHeaderNames.EXPECT);
    if (expect != null && !HttpHeaderValues.CONTINUE.contentEqualsIgnoreCase(expect)) {
      throw new Refused(
          new Refusal(
              417,
              "expectation_failed",
              "Expect is not supported (expected: 100-continue)",
              false));
    }
    return new Intake(scope, head, target);
  }

  /** Who reads the first and who reads the last would disagree (RFC 9110 §5.3). */
  private static void refuseRepeated(HttpHeaders headers) throws Refused {
    for (AsciiString name : SINGLE) {
      int count = headers.getAll(name).size();
      if (count > 1) {
        throw new Refused(Refusal.malformed(name + " headers: " + count + " (expected: 1)"));
      }
    }
  }

  private static boolean exceeds(String length, int limit) throws Refused {
    try {
      long bytes = Long.parseLong(length);
      if (bytes < 0) {
        throw new Refused(Refusal.malformed("Content-Length is negative"));
      }
      return bytes > limit;
    } catch (NumberFormatException e) {
      throw new Refused(Refusal.malformed("Content-Length is not a number"));
    }
  }

  /**
   * Anything but a single {@code chunked} could be understood differently by a proxy before us (RFC
   * 9112 §6.1, §11.2).
   */
  private static void refuseOddCodings(List<String> codings, HttpVersion version) throws Refused {
    if (version.minorVersion() == 0) {
      throw new Refused(
          Refusal.malformed("Transfer-Encoding in an HTTP/1.0 request (expected: none)"));
    }
    if (codings.size() != 1
        || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.getFirst().strip())) {
      throw new Refused(
          Refusal.malformed("Transfer-Encoding is not supported (expected: chunked)"));
    }
  }

  private static void refuseUndecodable(DecoderResult result, TransportConfig config)
      throws Refused {
    if (result.isSuccess()) {
      return;
    }
    Throwable cause = result.cause();
    if (cause instanceof TooLongHttpLineException) {
      throw new Refused(Refusal.targetTooLong(config.maxHeaderBytes()));
    }
    if (cause instanceof TooLongHttpHeaderException) {
      throw new Refused(Refusal.headersTooLarge(config.maxHeaderBytes()));
    }
    throw new Refused(Refusal.malformed("the request is malformed"));
  }

  private static void refuseLargeHead(HttpRequest head, TransportConfig config) throws Refused {
    long size = head.uri().length() + 16L;
    var headers = head.headers().iteratorCharSequence();
    while (headers.hasNext()) {
      var header = headers.next();
      size += header.getKey().length() + header.getValue().length() + 4L;
    }
    if (size > config.maxHeaderBytes()) {
      throw new Refused(Refusal.headersTooLarge(config.maxHeaderBytes()));
    }
  }

  /** Whether the client waits for a go-ahead before it sends the body (RFC 9110 §10.1.1). */
  boolean expectsContinue() {
    return head.protocolVersion().minorVersion() > 0
        && head.headers().contains(HttpHeaderNames.EXPECT);
  }

  /** Takes a piece of the body, without its reference; true when the body is whole. */
  boolean add(HttpContent piece, ByteBufAllocator alloc) throws Refused {
    TransportConfig config = scope.config;
    refuseUndecodable(piece.decoderResult(), config);
    ByteBuf bytes = piece.content();
    boolean last = piece instanceof LastHttpContent;
    long size = (long) body.readableBytes() + bytes.readableBytes();
    if (size > config.maxBodyBytes()) {
      throw new Refused(Refusal.bodyTooLarge(config.maxBodyBytes()));
    }
    if (bytes.isReadable()) {
      if (last && !body.isReadable()) {
        takeBudget((int) size);
        body = bytes.retain();
        return true;
      }
      // Copied rather than kept: a slice of one byte would pin a whole receive buffer.
      makeRoom((int) size, alloc);
      body.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }
    return last;
  }

  /** The length a client announces reserves next to nothing by itself: it has to send the bytes. */
  private void makeRoom(int size, ByteBufAllocator alloc) throws Refused {
    if (size <= body.capacity()) {
      return;
    }
    long wanted = Math.max(size, Math.max(FIRST_BYTES, 2L * body.capacity()));
    int capacity = (int) Math.max(size, Math.min(wanted, mostBytes()));
    takeBudget(capacity);
    if (body == Unpooled.EMPTY_BUFFER) {
      body = alloc.buffer(capacity, scope.config.maxBodyBytes());
    } else {
      body.capacity(capacity);
    }
  }

  private long mostBytes() {
    String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    return length == null ? scope.config.maxBodyBytes() : Long.parseLong(length);
  }

  private void takeBudget(int bytes) throws Refused {
    if (!scope.bodies.take(bytes - budgetBytes)) {
      throw new Refused(Refusal.BODIES_OVERLOADED);
    }
    budgetBytes = bytes;
  }

  /** Whether the body has come far enough for its clock to start again. */
  boolean keepsPace() {
    if (body.readableBytes() - pacedBytes < scope.bodyStepBytes) {
      return false;
    }
    pacedBytes = body.readableBytes();
    return true;
  }

  /** The body, with its reference. */
  ByteBuf takeBody() {
    ByteBuf taken = body;
    body = Unpooled.EMPTY_BUFFER;
    return taken;
  }

  /** Gives back what the body takes of the budget of all bodies. */
  void releaseBudget() {
    if (budgetBytes > 0) {
      scope.bodies.release(budgetBytes);
      budgetBytes = 0;
    }
  }

  void release() {
    takeBody().release();
    releaseBudget();
  }

  /** Carries the answer to a request that is not handed on. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    final transient Refusal refusal;

    Refused(Refusal refusal) {
      super(refusal.message(), null, false, false);
      this.refusal = refusal;
    }
  }

  /** The client's address in the Host header or the absolute target; empty when missing. */
  String authority() {
    @Nullable String given = target.authority();
    if (given == null) {
      given = head.headers().get(HttpHeaderNames.HOST);
    }
    return given == null ? "" : given;
  }
}
