package dev.parley.server;

import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.limit.SlotsStats;
import dev.parley.conversation.run.Roster;
import dev.parley.provider.LinkStats;
import dev.parley.provider.ResilientProvider;
import dev.parley.provider.cache.ReplyCache;
import dev.parley.provider.http.Upstream;
import dev.parley.telemetry.Family;
import dev.parley.telemetry.Labels;
import dev.parley.telemetry.Sample;
import dev.parley.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Shows scrapers what providers do, by reading what each counts itself. Labels are names from the
 * configuration and words of ours. Safe on any thread.
 */
final class ReplyMetrics {
  private static final String PROVIDER = "provider";

  private final Telemetry telemetry;

  ReplyMetrics(Telemetry telemetry) {
    this.telemetry = telemetry;
  }

  void showProviders(List<MeasuredProvider> providers) {
    each(
        Family.counter("parley_provider_requests", "", "Replies asked of a provider."),
        providers,
        MeasuredProvider::name,
        MeasuredProvider::requests);
    each(
        Family.counter("parley_provider_deltas", "", "Pieces of replies that providers brought."),
        providers,
        MeasuredProvider::name,
        MeasuredProvider::deltas);
    telemetry.show(
        Family.counter("parley_provider_ends", "", "Replies of a provider that ended, by how."),
        () -> {
          List<Sample> samples = new ArrayList<>();
          for (MeasuredProvider provider : providers) {
            provider
                .ends()
                .forEach((how, count) ->
                    samples.add(
                        new Sample(Labels.of(PROVIDER, provider.name(), "end", how), count.sum())));
          }
          return samples;
        });
  }

  void showUpstreams(Map<String, Upstream> upstreams) {
    List<Map.Entry<String, Upstream>> all = List.copyOf(upstreams.entrySet());
    each(
        Family.counter(
            "parley_provider_posts", "", "Requests sent to a provider's address, or tried."),
        all,
        Map.Entry::getKey,
        each -> each.getValue().stats().requests());
    each(
        Family.counter(
            "parley_provider_connections",
            "",
            "Connections opened to a provider's address, or tried."),
        all,
        Map.Entry::getKey,
        each -> each.getValue().stats().connections());
  }

  /**
   * Runs hold a slot of their provider while it answers, and queue for one; a chain stands in for
   * it.
   *
   * @param sources by the name of their provider
   */
  void showSources(Map<String, Roster.Source> sources) {
    Map<String, Slots> slots = new LinkedHashMap<>();
    List<ResilientProvider> chains = new ArrayList<>();
    sources.forEach((name, source) -> {
      if (source.slots() != null) {
        slots.put(name, source.slots());
      }
      if (source.provider() instanceof ResilientProvider chain) {
        chains.add(chain);
      }
    });
    slots(
        Family.gauge("parley_runs_active", "", "Runs that a provider answers at this moment."),
        slots,
        SlotsStats::running);
    slots(
        Family.gauge("parley_runs_waiting", "", "Runs that wait until a provider has room."),
        slots,
        SlotsStats::waiting);
    links(
        Family.counter(
            "parley_provider_retries", "", "Times one was asked again before the first token."),
        chains,
        LinkStats::retries);
    links(
        Family.counter(
            "parley_provider_fallbacks", "", "Times one was asked since the one before it failed."),
        chains,
        LinkStats::fallbacks);
    links(
        Family.counter(
            "parley_provider_continuations",
            "",
            "Times one was asked to go on with a reply that had died."),
        chains,
        LinkStats::continuations);
    links(
        Family.gauge(
            "parley_provider_circuit",
            "",
            "Whether one is asked: 0 yes, 1 a few times to try it, 2 not for a while."),
        chains,
        link ->
            switch (link.circuit()) {
              case CLOSED -> 0;
              case HALF_OPEN -> 1;
              case OPEN -> 2;
            });
  }

  void showCache(ReplyCache cache) {
    show(
        Family.counter("parley_reply_cache_hits", "", "Replies given again from memory."),
        () -> cache.stats().hits());
    show(
        Family.counter("parley_reply_cache_misses", "", "Replies looked for there in vain."),
        () -> cache.stats().misses());
    show(
        Family.gauge("parley_reply_cache_bytes", "bytes", "Memory of replies kept, about."),
        () -> cache.stats().bytes());
  }

  private void show(Family family, DoubleSupplier value) {
    telemetry.show(family, () -> List.of(new Sample(Labels.NONE, value.getAsDouble())));
  }

  private <T> void each(
      Family family, List<T> providers, Function<T, String> name, ToDoubleFunction<T> value) {
    telemetry.show(
        family,
        () ->
            providers.stream()
                .map(each ->
                    new Sample(Labels.of(PROVIDER, name.apply(each)), value.applyAsDouble(each)))
                .toList());
  }

  private void slots(Family family, Map<String, Slots> slots, ToDoubleFunction<SlotsStats> value) {
    each(
        family,
        List.copyOf(slots.entrySet()),
        Map.Entry::getKey,
        each -> value.applyAsDouble(each.getValue().stats()));
  }

  private void links(
      Family family, List<ResilientProvider> chains, ToDoubleFunction<LinkStats> value) {
    telemetry.show(
        family,
        () -> {
          List<Sample> samples = new ArrayList<>();
          for (ResilientProvider chain : chains) {
            for (LinkStats link : chain.stats()) {
              samples.add(
                  new Sample(
                      Labels.of("chain", chain.name(), PROVIDER, link.provider()),
                      value.applyAsDouble(link)));
            }
          }
          return samples;
        });
  }
}
