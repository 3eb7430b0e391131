package dev.parley.conversation.provider;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import java.util.Objects;

/** How a reply ended. */
public sealed interface Ending {
  /** The upstream said all it had to say. */
  record Finished(FinishReason reason, Usage usage) implements Ending {
    public Finished {
      Objects.requireNonNull(reason);
      Objects.requireNonNull(usage);
    }
  }

  /** It did not. What was delivered before stays valid. */
  record Failed(Failure failure) implements Ending {
    public Failed {
      Objects.requireNonNull(failure);
    }
  }
}
