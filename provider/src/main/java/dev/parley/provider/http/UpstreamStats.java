package dev.parley.provider.http;

/**
 * What an upstream's connections did since the start.
 *
 * @param requests sent or tried
 * @param connections opened or tried
 */
public record UpstreamStats(long requests, long connections) {
  /** The share of requests that needed no connection of their own, from 0 to 1. */
  public double reuse() {
    return requests == 0 ? 0 : Math.max(0, 1 - (double) connections / requests);
  }
}
