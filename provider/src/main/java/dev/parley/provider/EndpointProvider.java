package dev.parley.provider;

import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import dev.parley.provider.http.Upstream;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.RejectedExecutionException;
import tools.jackson.core.JacksonException;

/** One address that speaks one dialect. Safe on any thread. */
public final class EndpointProvider implements Provider {
  private static final int LONGEST_MESSAGE = 300;

  private final String name;
  private final Dialect dialect;
  private final Upstream upstream;
  private final HttpHeaders headers;
  private final ApiKey key;
  private final EndpointConfig config;

  /**
   * An endpoint, not yet asked anything.
   *
   * @param upstream stays the caller's to close
   */
  public EndpointProvider(
      String name, Dialect dialect, Upstream upstream, ApiKey key, EndpointConfig config) {
    this.name = name;
    this.dialect = dialect;
    this.upstream = upstream;
    this.key = key;
    this.config = config;
    this.headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
    dialect.sign(headers, key);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean continuesFromPrefix() {
    return dialect.continuesFromPrefix();
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    byte[] request;
    if (!prompt.prefix().isEmpty() && !dialect.continuesFromPrefix()) {
      return refused(listener, "cannot continue a reply that has begun");
    }
    try {
      request = dialect.request(prompt);
    } catch (JacksonException e) {
      return refused(
          listener, "the prompt passes on what makes no request: " + e.getOriginalMessage());
    }
    EventLoop loop = upstream.loop();
    Exchange exchange = new Exchange(this, loop, prompt, listener);
    if (loop.inEventLoop()) {
      exchange.start(request);
      return exchange;
    }
    try {
      loop.execute(() -> exchange.start(request));
    } catch (RejectedExecutionException e) {
      listener.onEnd(new Ending.Failed(Failure.of(Code.UPSTREAM, name + ": shutting down")));
    }
    return exchange;
  }

  /** Opens a connection on the loop that will ask, unless one was used a moment ago. */
  @Override
  public void warm() {
    EventLoop loop = upstream.loop();
    if (loop.inEventLoop()) {
      upstream.warm(loop);
      return;
    }
    try {
      loop.execute(() -> upstream.warm(loop));
    } catch (RejectedExecutionException e) {
      // It shuts down: nobody will ask.
    }
  }

  private Generation refused(Listener listener, String why) {
    listener.onEnd(new Ending.Failed(Failure.of(Code.BAD_REQUEST, name + ": " + why)));
    return () -> {};
  }

  Dialect dialect() {
    return dialect;
  }

  Upstream upstream() {
    return upstream;
  }

  HttpHeaders headers() {
    return headers;
  }

  EndpointConfig config() {
    return config;
  }

  /** The failure as it may be shown: whose it is, short, and without the key. */
  Failure shown(Failure failure) {
    return new Failure(
        failure.code(),
        name + ": " + line(key.scrub(failure.message())), // a key that is cut is not found
        failure.retryable(),
        failure.retryAfter());
  }

  /** One line, without what a terminal would obey. */
  private static String line(String text) {
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(LONGEST_MESSAGE)
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
    return line.toString();
  }

  @Override
  public String toString() {
    return "EndpointProvider[" + name + ", " + upstream.origin() + "]";
  }
}
