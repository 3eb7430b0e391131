package dev.parley.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.provider.Failure;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RunFailureTest {
  @Test
  void aProvidersFailureEndsARunAsItsCode() {
    assertThat(RunFailure.of(Failure.of(Failure.Code.RATE_LIMITED, "test: slower"), 1_000))
        .isEqualTo(new RunFailure("rate-limited", "test: slower", true));
  }

  @Test
  void howLongAnUpstreamWantsToBeLeftAloneBecomesATime() {
    Failure failure = new Failure(Failure.Code.OVERLOADED, "busy", true, Duration.ofSeconds(7));
    assertThat(RunFailure.of(failure, 1_000).retryAt()).isEqualTo(8_000);
  }

  @Test
  void numbersOfFailuresAndRefusalsAreOneSpace() {
    Set<Integer> numbers = new HashSet<>();
    for (Refusal refusal : Refusal.values()) {
      assertThat(numbers.add(refusal.code())).as(refusal.name()).isTrue();
    }
    for (Failure.Code code : Failure.Code.values()) {
      assertThat(numbers.add(code.number())).as(code.name()).isTrue();
    }
  }
}
