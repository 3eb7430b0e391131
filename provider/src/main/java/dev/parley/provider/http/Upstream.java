package dev.parley.provider.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.EventExecutor;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.Http11SslContextSpec;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.Http2AllocationStrategy;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.SslProvider;

/**
 * The connections to one upstream. Its methods are for any thread.
 *
 * <p>Each event loop has connections of its own, so that a request, its answer and its timers live
 * on one thread and need no lock between them.
 */
public final class Upstream implements AutoCloseable {
  private static final Duration FOREVER = Duration.ofDays(365);

  private final UpstreamConfig config;
  private final EventLoopGroup loops;
  private final List<Lane> lanes = new ArrayList<>();
  private final LongAdder requests = new LongAdder();
  private final LongAdder connections = new LongAdder();

  /** The connections of one loop. Confined to it. */
  private static final class Lane {
    private final EventLoop loop;
    private final HttpClient client;
    private final ConnectionProvider pool;
    private long usedNanos; // 0: never

    Lane(EventLoop loop, HttpClient client, ConnectionProvider pool) {
      this.loop = loop;
      this.client = client;
      this.pool = pool;
    }
  }

  /**
   * An upstream without connections yet.
   *
   * @param loops stay the caller's to shut down, after this is closed
   */
  public Upstream(UpstreamConfig config, EventLoopGroup loops) {
    this.config = config;
    this.loops = loops;
    List<EventLoop> all = new ArrayList<>();
    for (EventExecutor executor : loops) {
      all.add((EventLoop) executor);
    }
    for (EventLoop loop : all) {
      lanes.add(lane(loop, all.size()));
    }
  }

  /** The caller's loop if it is one of ours, else the next in turn. */
  public EventLoop loop() {
    for (Lane lane : lanes) {
      if (lane.loop.inEventLoop()) {
        return lane.loop;
      }
    }
    return loops.next();
  }

  /** Posts JSON. To be called on {@code loop}, where the answer is heard. */
  public Call post(EventLoop loop, String path, HttpHeaders headers, byte[] json, Answer answer) {
    assert loop.inEventLoop();
    requests.increment();
    Lane lane = lane(loop);
    lane.usedNanos = System.nanoTime();
    int length = json.length;
    Call call = new Call(json, answer, config.origin());
    call.subscribe(
        lane.client
            .headers(out -> {
              out.set(headers);
              out.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
              out.set(HttpHeaderNames.CONTENT_LENGTH, length);
            })
            .post()
            .uri(config.base() + path)
            .send(Mono.fromSupplier(call::body))
            .responseConnection(call::respond));
    return call;
  }

  /**
   * Asks for something small, without a key, so that a connection is open for what comes; does
   * nothing if one was used a moment ago. To be called on {@code loop}.
   */
  public void warm(EventLoop loop) {
    assert loop.inEventLoop();
    Lane lane = lane(loop);
    long now = System.nanoTime();
    if (lane.usedNanos != 0 && now - lane.usedNanos < config.idleTimeout().toNanos() / 2) {
      return;
    }
    lane.usedNanos = now;
    var _ =
        lane.client
            .head()
            .uri(config.base().toString())
            .responseSingle((response, body) -> body.then()) // read to its end, it is kept
            .timeout(config.connectTimeout(), Schedulers.fromExecutorService(loop))
            .subscribe(nothing -> {}, unreachable -> {}); // the first reply will tell
  }

  /** Scheme, host and port. */
  public String origin() {
    return config.origin();
  }

  public UpstreamStats stats() {
    return new UpstreamStats(requests.sum(), connections.sum());
  }

  /** Closes every connection. */
  @Override
  public void close() {
    lanes.forEach(lane -> lane.pool.dispose());
  }

  private Lane lane(EventLoop loop) {
    for (Lane lane : lanes) {
      if (lane.loop == loop) {
        return lane;
      }
    }
    throw new IllegalArgumentException("loop: " + loop + " (expected: one of the upstream's)");
  }

  private Lane lane(EventLoop loop, int of) {
    int most = Math.max(1, config.maxConnections() / of);
    int waiting = Math.max(1, config.maxWaiting() / of);
    ConnectionProvider.Builder builder =
        ConnectionProvider.builder("upstream")
            .pendingAcquireMaxCount(waiting)
            // Whoever waits has a time-out of its own, the one for the first token.
            .pendingAcquireTimeout(FOREVER)
            .pendingAcquireTimer((task, after) -> Disposables.disposed())
            .maxIdleTime(config.idleTimeout())
            .evictInBackground(config.idleTimeout(), Schedulers.fromExecutorService(loop))
            .lifo(); // few warm connections rather than many that all grow cold
    ConnectionProvider pool =
        multiplexes()
            ? builder.allocationStrategy(sharing(most)).build()
            : builder.maxConnections(most).build();
    LoopResources resources = new OneLoop(loop);
    HttpClient client =
        HttpClient.create(pool)
            .runOn(resources, true)
            .resolver(spec -> spec.runOn(resources))
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(config.connectTimeout().toMillis()))
            .option(ChannelOption.TCP_NODELAY, true)
            .doOnChannelInit((observer, channel, address) -> count(channel))
            .headers(headers ->
                headers
                    .set(HttpHeaderNames.USER_AGENT, "Parley")
                    .set(HttpHeaderNames.ACCEPT, "text/event-stream"));
    return new Lane(loop, speaking(client), pool);
  }

  private boolean multiplexes() {
    return switch (config.protocol()) {
      case NEGOTIATED -> config.secure();
      case HTTP_1_1 -> false;
      case HTTP_2 -> true;
    };
  }

  /** A burst waits for the connection that is being made instead of making one each. */
  private static Http2AllocationStrategy sharing(int most) {
    return Http2AllocationStrategy.builder()
        .maxConnections(most)
        .minConnections(1)
        .strictConnectionReuse(true)
        .build();
  }

  /** Streams of HTTP/2 have channels too; what counts here is what costs a handshake. */
  private void count(Channel channel) {
    if (!(channel instanceof Http2StreamChannel)) {
      connections.increment();
    }
  }

  private HttpClient speaking(HttpClient client) {
    boolean secure = config.secure();
    HttpClient versioned =
        switch (config.protocol()) {
          case NEGOTIATED ->
              secure
                  ? client.protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                  : client.protocol(HttpProtocol.HTTP11);
          case HTTP_1_1 -> client.protocol(HttpProtocol.HTTP11);
          case HTTP_2 -> client.protocol(secure ? HttpProtocol.H2 : HttpProtocol.H2C);
        };
    if (!secure) {
      return versioned;
    }
    return versioned.secure(
        spec -> spec.sslContext(trusting()).handshakeTimeout(config.connectTimeout()));
  }

  private SslProvider.GenericSslContextSpec<SslContextBuilder> trusting() {
    Path pem = config.trusted();
    File trusted = pem == null ? null : pem.toFile();
    return config.protocol() == UpstreamConfig.Protocol.HTTP_1_1
        ? Http11SslContextSpec.forClient().configure(context -> context.trustManager(trusted))
        : Http2SslContextSpec.forClient().configure(context -> context.trustManager(trusted));
  }
}
