package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.stream.Slice;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.HttpError;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Catch-up, and the way into the live modes (Durable Streams §5.6, §8, §10.1). On the event loop.
 */
final class Reads {
  private final Hub hub;
  private final DurableConfig config;
  private final InstantSource clock;
  private final Cursors cursors;
  private final SseAnswers sse;

  Reads(Hub hub, DurableConfig config, InstantSource clock) {
    this.hub = hub;
    this.config = config;
    this.clock = clock;
    this.cursors = new Cursors(clock);
    this.sse = new SseAnswers(hub, config, clock, cursors);
  }

  void get(Request request, Response response, Caller caller, StreamPath path) {
    Rights.require(caller, Caller.Right.READ, path);
    ReadRequest wanted = ReadRequest.of(request, config.chunkMessages());
    if (wanted.at() != null) {
      Replies.then(
          response,
          hub.store().offsetAt(path, wanted.at()),
          offset -> {
            if (offset.isEmpty()) {
              refuseMissing(response, path);
            } else {
              at(response, caller, path, wanted, offset.get());
            }
          });
      return;
    }
    switch (wanted.position()) {
      case Position.Tail() ->
          withInfo(
              response,
              path,
              info -> {
                switch (wanted.mode()) {
                  case CATCH_UP -> atTail(response, info);
                  case LONG_POLL -> pollAtTail(response, caller, path, wanted, info);
                  case SSE -> sse.start(response, caller, path, info, info.tail(), wanted.cursor());
                }
              });
      case Position.Beginning() -> {
        if (wanted.mode() == ReadRequest.Mode.SSE) {
          withInfo(
              response,
              path,
              info -> sse.start(response, caller, path, info, info.first() - 1, wanted.cursor()));
        } else {
          slice(response, caller, path, wanted, 0, true);
        }
      }
      case Position.At(OffsetToken token) -> {
        if (wanted.mode() == ReadRequest.Mode.SSE) {
          withInfo(
              response,
              path,
              info -> {
                long after = after(token, info);
                sse.start(response, caller, path, info, after, wanted.cursor());
              });
        } else {
          slice(response, caller, path, wanted, token.offset(), token.isZero());
        }
      }
    }
  }

  private void at(
      Response response, Caller caller, StreamPath path, ReadRequest wanted, long offset) {
    if (wanted.mode() == ReadRequest.Mode.SSE) {
      withInfo(
          response,
          path,
          info -> {
            if (offset > info.tail()) {
              throw otherStream(); // it was replaced since its offset was looked up
            }
            from(response, info, offset);
            sse.start(
                response, caller, path, info, Math.max(offset, info.first() - 1), wanted.cursor());
          });
    } else {
      slice(response, caller, path, wanted, offset, true);
    }
  }

  private static void from(Response response, StreamInfo info, long offset) {
    response.headers().set(Fields.FROM_OFFSET, OffsetToken.format(info.epoch(), offset));
  }

  /**
   * Reads on from {@code after}.
   *
   * @param lenient whether to begin with the oldest message when those before it are gone, and not
   *     to ask for the epoch
   */
  private void slice(
      Response response,
      Caller caller,
      StreamPath path,
      ReadRequest wanted,
      long after,
      boolean lenient) {
    Replies.then(
        response,
        hub.read(path, after, wanted.limit(), config.chunkBytes()),
        found -> {
          if (found.isEmpty()) {
            refuseMissing(response, path);
            return;
          }
          Slice slice = found.get();
          StreamInfo info = slice.info();
          if (!lenient && wanted.position() instanceof Position.At(OffsetToken token)) {
            after(token, info);
          } else if (after > info.tail()) {
            throw otherStream(); // it was replaced since its offset was looked up
          }
          touch(path, info);
          if (wanted.at() != null) {
            from(response, info, after);
          }
          boolean waits =
              wanted.mode() == ReadRequest.Mode.LONG_POLL
                  && slice.messages().isEmpty()
                  && slice.upToDate();
          if (!waits) {
            chunk(response, caller, wanted, slice);
          } else if (info.closed()) {
            LongPoll.noNews(response, info, info.tail(), -1);
          } else {
            LongPoll.start(this, response, caller, path, wanted, info, slice.next());
          }
        });
  }

  /** Catch-up from the tail: nothing, and where to go on (§8). */
  private static void atTail(Response response, StreamInfo info) {
    HttpHeaders headers = response.headers().set(Fields.CACHE_CONTROL, Fields.NO_STORE);
    Replies.describe(headers, info);
    headers.set(Fields.UP_TO_DATE, "true");
    Replies.send(response, 200, MessageBytes.joined(ContentKind.of(info.contentType()), List.of()));
  }

  private void pollAtTail(
      Response response, Caller caller, StreamPath path, ReadRequest wanted, StreamInfo info) {
    if (info.closed()) {
      LongPoll.noNews(response, info, info.tail(), -1);
    } else {
      LongPoll.start(this, response, caller, path, wanted, info, info.tail());
    }
  }

  /** Answers with messages: a catch-up chunk, or the news of a long-poll. */
  void chunk(Response response, Caller caller, ReadRequest wanted, Slice slice) {
    StreamInfo info = slice.info();
    boolean upToDate = slice.upToDate();
    boolean closed = upToDate && info.closed();
    String etag =
        "\"" + info.id() + ":" + slice.after() + ":" + slice.next() + (closed ? ":c\"" : "\"");
    HttpHeaders headers = response.headers();
    headers
        .set(Fields.ETAG, etag)
        .set(Fields.NEXT_OFFSET, OffsetToken.format(info.epoch(), slice.next()))
        // Nothing but the answer to a later question may hide that the stream has grown or closed.
        .set(
            Fields.CACHE_CONTROL,
            slice.messages().isEmpty()
                ? Replies.revalidated(caller)
                : Replies.cacheControl(caller, info, clock.millis()));
    if (wanted.mode() == ReadRequest.Mode.LONG_POLL) {
      headers.set(Fields.CURSOR, Long.toString(cursors.answer(wanted.cursor())));
    }
    if (upToDate) {
      headers.set(Fields.UP_TO_DATE, "true");
    }
    if (closed) {
      headers.set(Fields.CLOSED, "true");
    }
    if (matches(wanted.ifNoneMatch(), etag)) {
      Replies.send(response, 304);
      return;
    }
    headers.set(Fields.CONTENT_TYPE, info.contentType());
    ByteBuf body = MessageBytes.joined(ContentKind.of(info.contentType()), slice.messages());
    Replies.send(response, 200, body);
  }

  /** RFC 9110 §13.1.2: a list of tags, compared weakly, or {@code *}. */
  static boolean matches(@Nullable String ifNoneMatch, String etag) {
    if (ifNoneMatch == null) {
      return false;
    }
    for (String tag : ifNoneMatch.split(",", -1)) {
      String stripped = tag.strip();
      if (stripped.equals("*")
          || stripped.equals(etag)
          || (stripped.startsWith("W/") && stripped.substring(2).equals(etag))) {
        return true;
      }
    }
    return false;
  }

  /** The offset that {@code token} stands for in the stream, when it still can be read from. */
  private static long after(OffsetToken token, StreamInfo info) {
    if (token.isZero()) {
      return info.first() - 1;
    }
    if (token.epoch() != info.epoch()) {
      throw otherStream();
    }
    if (token.offset() > info.tail()) {
      throw Refusal.badRequest(
          "beyond_tail",
          "offset: "
              + token
              + " (expected: <= "
              + OffsetToken.format(info.epoch(), info.tail())
              + ")");
    }
    if (token.offset() < info.first() - 1) {
      throw trimmed();
    }
    return token.offset();
  }

  static HttpError otherStream() {
    return Refusal.gone("other_stream", "offset: of an earlier stream at this path");
  }

  static HttpError trimmed() {
    return Refusal.gone("trimmed", "offset: before the oldest message kept");
  }

  /** §5.1: a read restarts a sliding time to live. */
  private void touch(StreamPath path, StreamInfo info) {
    if (info.ttlSeconds() >= 0) {
      hub.store().touch(path);
    }
  }

  private void withInfo(Response response, StreamPath path, Consumer<StreamInfo> next) {
    Replies.then(
        response,
        hub.head(path),
        found -> {
          StreamInfo info = existing(found);
          touch(path, info);
          next.accept(info);
        });
  }

  private static StreamInfo existing(Optional<StreamInfo> found) {
    StreamInfo info = found.orElseThrow(Refusal::missing);
    if (info.deleted()) {
      throw Refusal.softDeleted();
    }
    return info;
  }

  /** A read finds nothing where a stream is missing or soft-deleted; only its state tells which. */
  private void refuseMissing(Response response, StreamPath path) {
    Replies.then(
        response,
        hub.head(path),
        found -> {
          existing(found);
          throw Refusal.missing();
        });
  }

  Hub hub() {
    return hub;
  }

  DurableConfig config() {
    return config;
  }

  Cursors cursors() {
    return cursors;
  }

  InstantSource clock() {
    return clock;
  }
}
