package dev.parley.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.provider.Failure;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RunFailureTest {
  @Test
  void aProvidersFailureEndsARunAsItsCode() {
    assertThat(RunFailure.of(Failure.of(Failure.Code.RATE_LIMITED, "test: slower")))
        .isEqualTo(new RunFailure("rate-limited", "test: slower", true));
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
