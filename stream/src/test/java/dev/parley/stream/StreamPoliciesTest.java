package dev.parley.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class StreamPoliciesTest {
  private static final StreamPolicy ASYNC =
      StoreFixture.policy(Durability.ASYNC, Retention.FOREVER);
  private static final StreamPolicy MEMORY =
      StoreFixture.policy(Durability.MEMORY, Retention.FOREVER);

  @Test
  void theFirstMatchingPatternWins() {
    Map<PathPattern, StreamPolicy> byPattern = new LinkedHashMap<>();
    byPattern.put(PathPattern.of("logs/*"), ASYNC);
    byPattern.put(PathPattern.of("logs/**"), MEMORY);
    StreamPolicies policies = new StreamPolicies(byPattern, StreamPolicy.DEFAULT);
    byPattern.clear();

    assertThat(policies.of(StreamPath.of("logs/a"))).isEqualTo(ASYNC);
    assertThat(policies.of(StreamPath.of("logs/a/b"))).isEqualTo(MEMORY);
    assertThat(policies.of(StreamPath.of("chat"))).isEqualTo(StreamPolicy.DEFAULT);
  }

  @Test
  void unlessToldOtherwiseStreamsAreSyncedKeptAndLossless() {
    StreamPolicy policy = StreamPolicies.uniform(StreamPolicy.DEFAULT).of(StreamPath.of("any"));

    assertThat(policy.durability()).isEqualTo(Durability.SYNC);
    assertThat(policy.retention().keepsEverything()).isTrue();
    assertThat(policy.slowFollower()).isEqualTo(StreamPolicy.SlowFollower.LOSSLESS);
  }

  @Test
  void senselessPoliciesAreRefusedByKey() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Retention(Duration.ZERO, 1, 1))
        .withMessage("retention.max-age: PT0S (expected: > 0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Retention(null, 0, 1))
        .withMessage("retention.max-count: 0 (expected: >= 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Retention(null, 1, 0))
        .withMessage("retention.max-bytes: 0 (expected: >= 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new StreamPolicy(
                Durability.SYNC, Retention.FOREVER, 0, StreamPolicy.SlowFollower.LATEST))
        .withMessage("max-message-bytes: 0 (expected: >= 1)");
  }

  @Test
  void senselessRequestsAreRefusedByKey() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ProducerStamp("p", -1, 0))
        .withMessage("producer epoch: -1 (expected: 0 to 2^53-1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StreamSpec(null, -1, -1, false, null, List.of()))
        .withMessage("content type: none (expected: one, or a fork's source)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StreamSpec("text/plain", 1, 1, false, null, List.of()))
        .withMessageContaining("not both");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StoreFixture.at(StoreFixture.A, -2))
        .withMessageStartingWith("fork offset: -2");
  }
}
