package dev.parley.bench;

import java.util.BitSet;

/** Which of the numbered messages 1, 2, 3 … came, and how. Confined to the loop of its session. */
final class Sequence {
  /** How a message came. */
  enum Arrival {
    IN_ORDER,
    AFTER_A_LATER_ONE,
    AGAIN
  }

  private final BitSet seen = new BitSet();
  private int highest;

  Arrival add(int number) {
    if (number > highest) {
      highest = number;
      seen.set(number);
      return Arrival.IN_ORDER;
    }
    if (seen.get(number)) {
      return Arrival.AGAIN;
    }
    seen.set(number);
    return Arrival.AFTER_A_LATER_ONE;
  }
}
