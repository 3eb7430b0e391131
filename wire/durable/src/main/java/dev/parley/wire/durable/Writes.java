package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.CreateResult;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.Quotable;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import dev.parley.transport.HttpError;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Create, append and close (Durable Streams §4.2, §5.1 to §5.3). Runs on the event loop. */
final class Writes {
  /** A larger JSON body is checked off the loop, which others share. */
  private static final int LARGE_JSON = 64 << 10;

  private final Hub hub;
  private final JsonMessages json;

  Writes(Hub hub, JsonMessages json) {
    this.hub = hub;
    this.json = json;
  }

  void create(Request request, Response response, Caller caller, StreamPath path) {
    Rights.require(caller, Caller.Right.CREATE, path);
    CreateHeaders wanted = CreateHeaders.of(request);
    byte[] body = ByteBufUtil.getBytes(request.body());
    String location = location(request);
    ForkPoint point = wanted.fork();
    if (point == null) {
      String type = wanted.contentType() == null ? ContentKind.DEFAULT_TYPE : wanted.contentType();
      create(response, path, location, wanted, type, null, null, ContentKind.of(type), body);
      return;
    }
    Rights.require(caller, Caller.Right.READ, point.source());
    Replies.then(
        response,
        hub.head(point.source()),
        found -> {
          StreamInfo source =
              found.orElseThrow(() ->
                  new HttpError(
                      404, "source_not_found", Fields.FORKED_FROM + ": no such stream", false));
          ContentKind kind = ContentKind.of(source.contentType());
          StreamSpec.Fork fork = point.resolve(source, kind);
          create(response, path, location, wanted, wanted.contentType(), fork, source, kind, body);
        });
  }

  private void create(
      Response response,
      StreamPath path,
      String location,
      CreateHeaders wanted,
      @Nullable String contentType,
      StreamSpec.@Nullable Fork fork,
      @Nullable StreamInfo source,
      ContentKind kind,
      byte[] body) {
    Replies.then(
        response,
        messages(path, kind, body)
            .thenCompose(initial ->
                hub.create(
                    path,
                    new StreamSpec(
                        contentType,
                        wanted.ttlSeconds(),
                        wanted.expiresAt(),
                        wanted.closed(),
                        fork,
                        initial))),
        result -> {
          if (source != null
              && result instanceof CreateResult.Created created
              && created.info().epoch() != source.epoch()) {
            undo(response, path);
          } else {
            onCreated(response, location, result);
          }
        });
  }

  /**
   * The source was deleted and made again after its epoch was compared with that of the fork point:
   * what branched off is not what was asked for, and nobody was told of it yet.
   */
  private void undo(Response response, StreamPath path) {
    Replies.then(
        response,
        hub.delete(path),
        _ -> {
          throw new HttpError(
              409, "source_replaced", Fields.FORKED_FROM + ": was replaced meanwhile", true);
        });
  }

  private static void onCreated(Response response, String location, CreateResult result) {
    switch (result) {
      case CreateResult.Created created -> {
        response.headers().set(Fields.LOCATION, location);
        describe(response, created.info());
        Replies.send(response, 201);
      }
      case CreateResult.Exists exists -> {
        describe(response, exists.info());
        Replies.send(response, 200);
      }
      case CreateResult.Conflict conflict -> throw Refusal.conflict("conflict", conflict.reason());
      case CreateResult.SourceMissing() ->
          throw new HttpError(
              404, "source_not_found", Fields.FORKED_FROM + ": no such stream", false);
      case CreateResult.SourceGone() ->
          throw Refusal.conflict("source_deleted", Fields.FORKED_FROM + ": the stream was deleted");
      case CreateResult.SourceContentType source ->
          throw Refusal.conflict(
              "wrong_content_type", "content-type: not the source's " + source.expected());
      case CreateResult.BadForkPoint point ->
          throw Refusal.badRequest("bad_fork_point", point.reason());
    }
  }

  private static void describe(Response response, StreamInfo info) {
    Replies.describe(response.headers().set(Fields.CACHE_CONTROL, Fields.NO_STORE), info);
  }

  /** {@code Location} is the address that was asked for, made absolute when it can be. */
  private static String location(Request request) {
    String target = request.target();
    int query = target.indexOf('?');
    String address = query < 0 ? target : target.substring(0, query);
    return address.startsWith("/") && !request.authority().isEmpty()
        ? request.scheme() + "://" + request.authority() + address
        : address;
  }

  void append(Request request, Response response, Caller caller, StreamPath path) {
    Rights.require(caller, Caller.Right.APPEND, path);
    ProducerStamp producer = Numbers.producer(request);
    boolean close = Numbers.isTrue(request.header(Fields.CLOSED));
    String writerSeq = request.header(Fields.SEQ);
    boolean empty = !request.body().isReadable();
    if (empty) {
      if (!close) {
        throw Refusal.badRequest(
            "empty_body", "body: empty (expected: data, or " + Fields.CLOSED + ": true)");
      }
      // §5.2: the content type of a close without data says nothing.
      send(response, path, producer, new Append(List.of(), null, producer, writerSeq, -1, true));
      return;
    }
    String contentType = ContentKind.normalize(request.header(Fields.CONTENT_TYPE));
    if (contentType == null) {
      throw Refusal.badRequest(
          "no_content_type", "content-type: missing (expected: that of the stream)");
    }
    ContentKind kind = ContentKind.of(contentType);
    CompletableFuture<List<Payload>> split =
        messages(path, kind, ByteBufUtil.getBytes(request.body()));
    Replies.then(
        response,
        split,
        messages -> {
          if (messages.isEmpty()) {
            throw Refusal.badRequest("empty_array", "body: [] (expected: at least one message)");
          }
          send(
              response,
              path,
              producer,
              new Append(messages, contentType, producer, writerSeq, -1, close));
        });
  }

  private void send(
      Response response, StreamPath path, @Nullable ProducerStamp producer, Append append) {
    Replies.then(
        response,
        hub.append(path, append),
        result -> onAppended(response, producer, append, result));
  }

  private static void onAppended(
      Response response, @Nullable ProducerStamp producer, Append append, AppendResult result) {
    HttpHeaders headers = response.headers().set(Fields.CACHE_CONTROL, Fields.NO_STORE);
    switch (result) {
      case AppendResult.Appended appended -> {
        tail(headers, appended.info());
        if (producer == null) {
          Replies.send(response, 204);
        } else {
          producer(headers, producer.epoch(), producer.seq());
          Replies.send(response, append.messages().isEmpty() ? 204 : 200); // §5.2.1
        }
      }
      case AppendResult.Duplicate duplicate -> {
        tail(headers, duplicate.info());
        if (producer != null) {
          producer(headers, producer.epoch(), duplicate.lastSeq());
        }
        Replies.send(response, 204);
      }
      case AppendResult.Closed closed -> {
        tail(headers, closed.info());
        if (append.close() && append.messages().isEmpty() && producer == null) {
          Replies.send(response, 204); // §5.2: closing a closed stream is done
        } else {
          throw Refusal.conflict("closed", "the stream is closed");
        }
      }
      case AppendResult.Missing() -> throw Refusal.missing();
      case AppendResult.Gone() -> throw Refusal.softDeleted();
      case AppendResult.WrongContentType wrong ->
          throw Refusal.conflict(
              "wrong_content_type", "content-type: not the stream's " + wrong.expected());
      case AppendResult.StaleEpoch stale -> {
        headers.set(Fields.PRODUCER_EPOCH, Long.toString(stale.currentEpoch()));
        throw new HttpError(
            403,
            "stale_epoch",
            Fields.PRODUCER_EPOCH + ": older than the current " + stale.currentEpoch(),
            false);
      }
      case AppendResult.EpochNotAtZero epoch ->
          throw Refusal.badRequest(
              "epoch_not_at_zero",
              Fields.PRODUCER_SEQ + ": " + epoch.received() + " (expected: 0 in a new epoch)");
      case AppendResult.SequenceGap gap -> {
        headers.set(Fields.PRODUCER_EXPECTED_SEQ, Long.toString(gap.expected()));
        headers.set(Fields.PRODUCER_RECEIVED_SEQ, Long.toString(gap.received()));
        throw Refusal.conflict(
            "sequence_gap",
            Fields.PRODUCER_SEQ + ": " + gap.received() + " (expected: " + gap.expected() + ")");
      }
      case AppendResult.WriterSeqRegression regression ->
          throw Refusal.conflict(
              "sequence_regression",
              Fields.SEQ + ": not after \"" + Quotable.of(regression.last()) + "\"");
      case AppendResult.TailMoved moved ->
          throw Refusal.conflict("tail_moved", "the stream has grown to " + moved.tail());
    }
  }

  private static void tail(HttpHeaders headers, StreamInfo info) {
    headers.set(Fields.NEXT_OFFSET, OffsetToken.format(info.epoch(), info.tail()));
    if (info.closed()) {
      headers.set(Fields.CLOSED, "true");
    }
  }

  private static void producer(HttpHeaders headers, long epoch, long seq) {
    headers.set(Fields.PRODUCER_EPOCH, Long.toString(epoch));
    headers.set(Fields.PRODUCER_SEQ, Long.toString(seq));
  }

  /** The messages of a body, each within the limit of its stream. */
  private CompletableFuture<List<Payload>> messages(
      StreamPath path, ContentKind kind, byte[] body) {
    if (body.length == 0) {
      return CompletableFuture.completedFuture(List.of());
    }
    int limit = hub.policy(path).maxMessageBytes();
    if (kind != ContentKind.JSON) {
      return CompletableFuture.completedFuture(within(limit, List.of(Payload.of(body))));
    }
    return body.length <= LARGE_JSON
        ? CompletableFuture.completedFuture(within(limit, json.split(body)))
        : CompletableFuture.supplyAsync(
            () -> within(limit, json.split(body)), Thread::startVirtualThread);
  }

  private static List<Payload> within(int limit, List<Payload> messages) {
    for (Payload message : messages) {
      if (message.bytes().length > limit) {
        throw new HttpError(
            413,
            "message_too_large",
            "message: " + message.bytes().length + " bytes (expected: <= " + limit + ")",
            false);
      }
    }
    return messages;
  }
}
