package dev.parley.provider.http;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** Keeps a client on a loop that somebody else owns and shuts down. Immutable. */
record OneLoop(EventLoop loop) implements LoopResources {
  @Override
  public EventLoopGroup onServer(boolean useNative) {
    return loop;
  }

  @Override
  public EventLoopGroup onClient(boolean useNative) {
    return loop;
  }

  @Override
  public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
    return Mono.empty();
  }
}
