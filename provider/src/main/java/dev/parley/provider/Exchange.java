package dev.parley.provider;

import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.conversation.provider.Provider.Listener;
import dev.parley.provider.http.Answer;
import dev.parley.provider.http.Breakage;
import dev.parley.provider.http.Call;
import dev.parley.provider.sse.EventStreamDecoder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** One request and the reply to it. Confined to its loop, except for {@link #stop()}. */
final class Exchange implements Generation, Answer, Listener {
  private static final int MAX_ERROR_BYTES = 64 * 1024;
  private static final int EVENTS_WITHOUT_TOKEN = 16;
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EndpointProvider provider;
  private final EventLoop loop;
  private final Listener listener;
  private final Reply reply;
  private final Dialect.Reader reader;
  private volatile boolean stopped;
  private @Nullable Call call;
  private @Nullable ScheduledFuture<?> timer;
  private @Nullable EventStreamDecoder decoder;
  private @Nullable HttpHeaders errorHeaders;
  private int errorStatus;
  private byte[] error = new byte[0];
  private long started;
  private long lastToken;
  private long bytesSinceToken;
  private boolean anyToken;
  private boolean finished; // the reply, not yet the answer
  private boolean answered; // completely: the connection is no longer ours

  Exchange(EndpointProvider provider, EventLoop loop, Prompt prompt, Listener listener) {
    this.provider = provider;
    this.loop = loop;
    this.listener = listener;
    this.reply = new Reply(this, provider.config().maxReplyChars());
    this.reader = provider.dialect().reader(prompt, reply);
  }

  /** The request is not kept: long conversations are large, and many replies run at once. */
  void start(byte[] request) {
    if (stopped) {
      return;
    }
    started = System.nanoTime();
    arm(provider.config().firstToken().toNanos());
    Call posted =
        provider
            .upstream()
            .post(loop, provider.dialect().path(), provider.headers(), request, this);
    call = posted;
    if (stopped) {
      close();
    }
  }

  @Override
  public void stop() {
    stopped = true;
    if (loop.inEventLoop()) {
      leave();
      return;
    }
    try {
      loop.execute(this::leave);
    } catch (RejectedExecutionException e) {
      // The loop has ended, and with it every connection.
    }
  }

  /** A finished answer may still complete: who hears of its end usually lets go of it at once. */
  private void leave() {
    if (!finished) {
      close();
    }
  }

  @Override
  public void onHead(int status, HttpHeaders headers) {
    if (status != 200) {
      errorStatus = status;
      errorHeaders = headers.copy();
      return;
    }
    String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
    if (!type.strip().toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
      fail(Code.MALFORMED, "answered with " + type + " (expected: text/event-stream)");
      return;
    }
    decoder = new EventStreamDecoder(provider.config().maxEventBytes(), reader::onEvent);
  }

  @Override
  public void onBody(ByteBuf piece) {
    if (reply.over()) {
      return;
    }
    if (decoder == null) {
      keepError(piece);
      return;
    }
    bytesSinceToken += piece.readableBytes();
    try {
      decoder.decode(piece);
    } catch (TooLongFrameException e) {
      fail(Code.TOO_LARGE, "an event is too long: " + e.getMessage());
    } catch (JacksonException e) {
      fail(Code.MALFORMED, "an event is not the JSON it should be: " + e.getOriginalMessage());
    }
    if (bytesSinceToken > (long) EVENTS_WITHOUT_TOKEN * provider.config().maxEventBytes()) {
      onPause();
      if (bytesSinceToken > 0) {
        fail(Code.TOO_LARGE, "sent " + bytesSinceToken + " bytes without a token");
      }
    }
  }

  private void keepError(ByteBuf piece) {
    int room = Math.min(piece.readableBytes(), MAX_ERROR_BYTES - error.length);
    int at = error.length;
    error = Arrays.copyOf(error, at + room);
    piece.readBytes(error, at, room);
    if (piece.isReadable()) {
      onEnd(); // what explains a failure comes first; the rest is not waited for
      close();
    }
  }

  @Override
  public void onPause() {
    reply.flush();
    if (reply.progressed()) {
      bytesSinceToken = 0;
      lastToken = System.nanoTime();
      if (!anyToken) {
        anyToken = true;
        arm(provider.config().betweenTokens().toNanos());
      }
    }
  }

  @Override
  public void onEnd() {
    answered = true;
    HttpHeaders headers = errorHeaders;
    if (headers != null) {
      Refusal refusal = Refusal.read(error, error.length);
      reply.fail(refusal.answered(errorStatus, headers, System.currentTimeMillis()));
    } else {
      reply.cut(Failure.of(Code.DISCONNECTED, "the answer ended before the reply did"));
    }
    disarm();
  }

  @Override
  public void onBroken(Breakage breakage) {
    answered = true;
    Code code =
        switch (breakage.kind()) {
          case UNREACHABLE -> Code.UPSTREAM;
          case NO_ROOM -> Code.QUEUE_FULL;
          case DISCONNECTED -> Code.DISCONNECTED;
          case NOT_HTTP -> Code.MALFORMED;
        };
    HttpHeaders headers = errorHeaders;
    if (headers != null && code == Code.DISCONNECTED) {
      onEnd(); // the status says more than how it ended
    } else {
      reply.cut(Failure.of(code, breakage.message()));
    }
    disarm();
  }

  @Override
  public void onDelta(Delta delta) {
    if (!stopped) {
      listener.onDelta(delta);
    }
  }

  /** A finished answer is given a moment to complete, since its connection is worth keeping. */
  @Override
  public void onEnd(Ending ending) {
    finished = ending instanceof Ending.Finished;
    if (!stopped) {
      listener.onEnd(
          switch (ending) {
            case Ending.Finished finished -> finished;
            case Ending.Failed(Failure failure) -> new Ending.Failed(provider.shown(failure));
          });
    }
    if (answered) {
      return;
    }
    if (finished) {
      arm(DRAIN_NANOS);
    } else {
      close();
    }
  }

  private void fail(Code code, String message) {
    reply.fail(Failure.of(code, message));
  }

  private void onTimer() {
    if (reply.over()) {
      close();
      return;
    }
    if (errorHeaders != null) {
      onEnd(); // a refusal that is never completed
      close();
      return;
    }
    long limit =
        (anyToken ? provider.config().betweenTokens() : provider.config().firstToken()).toNanos();
    long passed = System.nanoTime() - (anyToken ? lastToken : started);
    if (passed < limit) {
      arm(limit - passed);
      return;
    }
    reply.cut(
        anyToken
            ? Failure.of(
                Code.TIMEOUT_BETWEEN_TOKENS,
                "no further token within " + provider.config().betweenTokens().toMillis() + " ms")
            : Failure.of(
                Code.TIMEOUT_FIRST_TOKEN,
                "no token within " + provider.config().firstToken().toMillis() + " ms"));
    close();
  }

  private void arm(long nanos) {
    disarm();
    timer = loop.schedule(this::onTimer, nanos, TimeUnit.NANOSECONDS);
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void close() {
    reply.silence();
    disarm();
    if (call != null) {
      call.cancel();
    }
  }
}
