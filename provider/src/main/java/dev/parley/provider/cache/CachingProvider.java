package dev.parley.provider.cache;

import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Answers with kept replies where it has them, and asks another provider where it has none. Safe on
 * any thread.
 *
 * @param ttl how old a reply may be
 * @param loops whose loop a kept reply is heard on, asked by the thread of who asks
 */
public record CachingProvider(
    Provider provider, ReplyCache cache, Duration ttl, Supplier<? extends Executor> loops)
    implements Provider {
  @Override
  public String name() {
    return provider.name();
  }

  @Override
  public boolean continuesFromPrefix() {
    return provider.continuesFromPrefix();
  }

  @Override
  public Generation generate(Prompt prompt, Listener listener) {
    PromptKey key = PromptKey.of(name(), prompt);
    return cache
        .lookup(key, ttl)
        .map(kept -> CachedGeneration.replay(kept, loops.get(), listener))
        .orElseGet(() -> provider.generate(prompt, cache.keeping(key, ttl, listener)));
  }

  @Override
  public void warm() {
    provider.warm();
  }
}
