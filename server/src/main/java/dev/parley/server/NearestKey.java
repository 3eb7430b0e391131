package dev.parley.server;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the known key someone probably meant: the one with the fewest edits (Levenshtein). */
final class NearestKey {
  private NearestKey() {}

  static Optional<String> to(String key, Collection<String> known) {
    String tail = key.substring(key.lastIndexOf('.') + 1);
    // A right name in the wrong section counts as one edit more than a typing error.
    return known.stream()
        .min(
            Comparator.comparingInt((String k) ->
                    Math.min(edits(key, k), 1 + edits(tail, k.substring(k.lastIndexOf('.') + 1))))
                .thenComparing(Comparator.naturalOrder()))
        .filter(k ->
            Math.min(edits(key, k), 1 + edits(tail, k.substring(k.lastIndexOf('.') + 1)))
                <= Math.max(2, key.length() / 3));
  }

  static int edits(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
