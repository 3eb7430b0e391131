package dev.parley.wire.durable.subscription;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of subscriptions, under {@code webhooks}.
 *
 * @param allowPrivate which addresses outside the public internet a webhook may reach
 * @param maxSubscriptions most subscriptions at a time (409 beyond)
 * @param maxStreams most streams one subscription is linked to; links of a pattern that have
 *     nothing pending make room for others
 * @param mailbox most requests and changes waiting for the thread that owns the subscriptions
 * @param concurrency most webhook requests under way
 * @param timeout longest a webhook request may take; the subscription's lease when that is shorter
 * @param publicUrl scheme, host and port under which receivers reach this server; {@code null} for
 *     those of the request that created the subscription
 */
public record SubscriptionConfig(
    PrivateTargets allowPrivate,
    int maxSubscriptions,
    int maxStreams,
    int mailbox,
    int concurrency,
    Duration timeout,
    @Nullable String publicUrl) {

  public static SubscriptionConfig defaults() {
    return new SubscriptionConfig(
        PrivateTargets.NONE, 1_000, 10_000, 16_384, 32, Duration.ofSeconds(10), null);
  }

  public SubscriptionConfig {
    atLeast("webhooks.max-subscriptions", maxSubscriptions, 1);
    atLeast("webhooks.max-streams", maxStreams, 1);
    atLeast("webhooks.mailbox", mailbox, 16);
    atLeast("webhooks.concurrency", concurrency, 1);
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("webhooks.timeout: " + timeout + " (expected: > 0)");
    }
    if (publicUrl != null && !isOrigin(publicUrl)) {
      throw new IllegalArgumentException(
          "webhooks.public-url: " + publicUrl + " (expected: an origin, as https://host:port)");
    }
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: >= " + least + ")");
    }
  }

  private static boolean isOrigin(String url) {
    try {
      URI uri = URI.create(url);
      return uri.getHost() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getRawPath().isEmpty()
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
