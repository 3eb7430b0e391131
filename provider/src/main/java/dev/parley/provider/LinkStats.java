package dev.parley.provider;

/**
 * What a chain had to do with one of its providers, since the start.
 *
 * @param retries times it was asked again before the first token
 * @param fallbacks times it was asked because the one before it failed
 * @param continuations times it was asked to go on with a reply that had died
 */
public record LinkStats(
    String provider, Circuit circuit, long retries, long fallbacks, long continuations) {
  /** Whether a provider is asked. */
  public enum Circuit {
    CLOSED,
    /** A few replies try whether it works again. */
    HALF_OPEN,
    /** It failed too often lately and is left alone. */
    OPEN
  }
}
