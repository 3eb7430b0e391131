package dev.parley.conversation;

/**
 * How much of everything a conversation holds.
 *
 * @param maxParts of a turn
 * @param maxTurnBytes of what a person says at once
 * @param maxQueue runs that wait in a branch
 * @param maxAttempts how often a run is started, the first time counted
 */
public record ConversationLimits(
    int maxMembers,
    int maxBranches,
    int maxParts,
    int maxTurnBytes,
    int maxQueue,
    int maxAttempts) {
  public static final ConversationLimits DEFAULT =
      new ConversationLimits(256, 256, 256, 256 << 10, 16, 5);

  public ConversationLimits {
    atLeastOne("max-members", maxMembers);
    atLeastOne("max-branches", maxBranches);
    atLeastOne("max-parts", maxParts);
    atLeastOne("max-turn-bytes", maxTurnBytes);
    atLeastOne("max-queue", maxQueue);
    atLeastOne("max-attempts", maxAttempts);
  }

  private static void atLeastOne(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "conversation." + key + ": " + value + " (expected: >= 1)");
    }
  }
}
