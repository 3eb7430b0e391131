package dev.parley.wire.durable.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Change;
import dev.parley.stream.PathPattern;
import dev.parley.stream.StreamPath;
import dev.parley.wire.durable.OffsetToken;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SubscriptionStateTest {
  private static final long LEASE = 10_000;

  private final SubscriptionState webhook =
      state(new WakeTarget.Webhook(URI.create("https://worker.example/")));
  private final SubscriptionState pull =
      state(new WakeTarget.PullWake(StreamPath.of("events/wake")));
  private long sequence;

  private static SubscriptionState state(WakeTarget target) {
    return state(target, 100);
  }

  private static SubscriptionState state(WakeTarget target, int maxLinks) {
    Definition definition =
        new Definition("sub", PathPattern.of("events/*"), List.of(), target, LEASE, null);
    return new SubscriptionState(definition, "http://localhost", 0, maxLinks);
  }

  private Change appended(String path, long first, long last) {
    return change(Change.Kind.APPENDED, path, 1, first, last);
  }

  private Change change(Change.Kind kind, String path, long id, long first, long last) {
    return new Change(++sequence, kind, StreamPath.of(path), id, 0, first, last);
  }

  private static Wake wake(SubscriptionState state, String id) {
    return Objects.requireNonNull(state.wakeIfPending(id));
  }

  private static Link link(SubscriptionState state, String path) {
    return Objects.requireNonNull(state.links.find(path));
  }

  @Test
  void aStreamFoundByAnAppendIsLinkedBeforeIt() {
    webhook.links.onChange(appended("events/a", 4, 5), 1);

    assertThat(link(webhook, "events/a").ackedToken()).isEqualTo("0000000001_0000000000000003");
    assertThat(wake(webhook, "w1").snapshot()).containsEntry("events/a", new OffsetToken(1, 5));
  }

  @Test
  void oneWakeIsInFlightAtATimeAndEachHasAGenerationOfItsOwn() {
    webhook.links.onChange(appended("events/a", 1, 1), 1);
    Wake first = wake(webhook, "w1");
    webhook.links.onChange(appended("events/a", 2, 2), 1);

    assertThat(webhook.wakeIfPending("w2")).isNull();
    webhook.onDelivered(first, true);

    assertThat(link(webhook, "events/a").acked).isEqualTo(1); // the snapshot, not the tail
    assertThat(wake(webhook, "w3").generation()).isEqualTo(2);
  }

  @Test
  void aStaleWakeIsFencedAndMovesNothing() {
    webhook.links.onChange(appended("events/a", 1, 2), 1);
    wake(webhook, "w1");
    Map<String, OffsetToken> acks = Map.of("events/a", new OffsetToken(1, 1));
    webhook.ack("w1", 1, Map.of(), true, 0);
    wake(webhook, "w2");

    assertThat(webhook.ack("w1", 1, acks, true, 0))
        .isEqualTo(new SubscriptionState.Outcome.Fenced());
    assertThat(webhook.ack("w2", 1, acks, true, 0))
        .isEqualTo(new SubscriptionState.Outcome.Fenced());
    assertThat(webhook.ack("w1", 2, acks, true, 0))
        .isEqualTo(new SubscriptionState.Outcome.Fenced());
    assertThat(link(webhook, "events/a").acked).isZero();
  }

  @Test
  void oneBadOffsetRefusesAllAcksOfARequest() {
    webhook.links.onChange(appended("events/a", 1, 2), 1);
    webhook.links.onChange(appended("events/b", 1, 2), 1);
    wake(webhook, "w1");

    SubscriptionState.Outcome outcome =
        webhook.ack(
            "w1",
            1,
            Map.of("events/a", new OffsetToken(1, 2), "events/b", new OffsetToken(1, 3)),
            true,
            0);

    assertThat(outcome)
        .isEqualTo(
            new SubscriptionState.Outcome.BadOffset(
                "offset: 0000000001_0000000000000003 (expected: 0000000001_0000000000000000 to"
                    + " 0000000001_0000000000000002)"));
    assertThat(link(webhook, "events/a").acked).isZero();
    assertThat(webhook.wake()).isNotNull();
  }

  @Test
  void aSilentWorkerLosesItsLeaseAndThereIsANewWake() {
    webhook.links.onChange(appended("events/a", 1, 1), 1);
    wake(webhook, "w1");
    webhook.onDelivering(1_000);

    assertThat(webhook.due(1_000 + LEASE - 1)).isEqualTo(SubscriptionState.Due.NOTHING);
    assertThat(webhook.due(1_000 + LEASE)).isEqualTo(SubscriptionState.Due.EXPIRED);
    assertThat(wake(webhook, "w2").generation()).isEqualTo(2);
  }

  @Test
  void aCallbackThatIsNotDoneExtendsTheLease() {
    webhook.links.onChange(appended("events/a", 1, 1), 1);
    wake(webhook, "w1");
    webhook.onDelivering(0);
    webhook.ack("w1", 1, Map.of(), false, 5_000);

    assertThat(webhook.deadline()).isEqualTo(5_000 + LEASE);
  }

  @Test
  void failuresBackOffAndKeepTheWake() {
    webhook.links.onChange(appended("events/a", 1, 1), 1);
    Wake wake = wake(webhook, "w1");

    webhook.onDelivering(0);
    webhook.onFailed(wake, 100, 0.5);
    assertThat(webhook.nextAttemptAt()).isEqualTo(1_100);
    assertThat(webhook.failing()).isTrue();
    assertThat(webhook.due(1_099)).isEqualTo(SubscriptionState.Due.NOTHING);
    assertThat(webhook.due(1_100)).isEqualTo(SubscriptionState.Due.RETRY);
    webhook.onDelivering(1_100);
    webhook.onFailed(wake, 1_200, 0.5);

    assertThat(webhook.nextAttemptAt()).isEqualTo(3_200);
    assertThat(webhook.wake()).isEqualTo(wake);
  }

  @Test
  void pausesDoubleFromOneSecondToAMinuteWithTwentyPercentJitter() {
    assertThat(Backoff.delayMillis(1, 0)).isEqualTo(800);
    assertThat(Backoff.delayMillis(1, 0.999999)).isEqualTo(1_200);
    assertThat(Backoff.delayMillis(4, 0.5)).isEqualTo(8_000);
    assertThat(Backoff.delayMillis(7, 0.5)).isEqualTo(60_000);
    assertThat(Backoff.delayMillis(1_000_000, 0.999999)).isLessThanOrEqualTo(72_000);
  }

  @Test
  void aClockThatJumpsBackStretchesNoLease() {
    webhook.links.onChange(appended("events/a", 1, 1), 1);
    wake(webhook, "w1");
    webhook.onDelivering(1_000_000);

    webhook.due(5_000);

    assertThat(webhook.deadline()).isEqualTo(5_000 + LEASE);
  }

  @Test
  void oneWorkerHoldsAClaimUntilItReleases() {
    pull.links.onChange(appended("events/a", 1, 1), 1);
    wake(pull, "w1");

    assertThat(pull.claim("one", "unused", 0)).isInstanceOf(SubscriptionState.Claim.Granted.class);
    assertThat(pull.claim("two", "unused", 0))
        .isEqualTo(new SubscriptionState.Claim.Held("one", 1));
    assertThat(pull.release("w1", 1)).isEqualTo(new SubscriptionState.Outcome.Applied(true));
    assertThat(pull.release("w1", 1)).isEqualTo(new SubscriptionState.Outcome.Fenced());
    assertThat(wake(pull, "w2").generation()).isEqualTo(2);
  }

  @Test
  void nobodySpeaksForAWakeThatNobodyHolds() {
    pull.links.onChange(appended("events/a", 1, 1), 1);
    wake(pull, "w1");

    assertThat(pull.ack("w1", 1, Map.of(), true, 0))
        .isEqualTo(new SubscriptionState.Outcome.Fenced());
  }

  @Test
  void aSubscriptionDoesNotFollowItsOwnWakeStream() {
    pull.links.onChange(appended("events/wake", 1, 1), 1);

    assertThat(pull.links.hasPending()).isFalse();
  }

  @Test
  void aNewStreamAtAnOldPathIsReadFromItsBeginning() {
    webhook.links.onChange(appended("events/a", 1, 9), 1);
    wake(webhook, "w1");
    webhook.ack("w1", 1, Map.of("events/a", new OffsetToken(1, 9)), true, 0);
    webhook.links.link("events/a", null, true);

    webhook.links.onChange(change(Change.Kind.DELETED, "events/a", 1, 10, 9), 1);
    webhook.links.onChange(change(Change.Kind.CREATED, "events/a", 2, 1, 1), 5);

    assertThat(link(webhook, "events/a").ackedToken()).isEqualTo("0000000005_0000000000000000");
    assertThat(webhook.links.hasPending()).isTrue();
  }

  @Test
  void aFullSubscriptionForgetsWhatIsCaughtUpAndRefusesWhatItCannotHold() {
    SubscriptionState small =
        state(new WakeTarget.Webhook(URI.create("https://worker.example/")), 2);
    small.links.onChange(appended("events/a", 1, 1), 1);
    small.links.onChange(appended("events/b", 1, 1), 1);
    assertThat(small.links.onChange(appended("events/c", 1, 1), 1)).isFalse();

    wake(small, "w1");
    small.ack("w1", 1, Map.of("events/a", new OffsetToken(1, 1)), false, 0);

    assertThat(small.links.onChange(appended("events/c", 1, 1), 1)).isTrue();
    assertThat(small.links.find("events/a")).isNull();
    assertThat(small.links.size()).isEqualTo(2);
  }

  @Test
  void anExplicitLinkGoesAndTheLinkOfThePatternStays() {
    webhook.links.link("events/a", null, true);
    webhook.links.link("other/b", null, true);
    assertThat(link(webhook, "events/a").type()).isEqualTo("explicit");

    webhook.links.unlink("events/a");
    webhook.links.unlink("other/b");

    assertThat(link(webhook, "events/a").type()).isEqualTo("glob");
    assertThat(webhook.links.find("other/b")).isNull();
  }

  @Test
  void recordsBringBackTheStateStepByStep() {
    byte[] full = SubscriptionRecord.encode(webhook, 3, true);
    webhook.links.onChange(appended("events/a", 1, 2), 1);
    webhook.links.onChange(appended("events/b", 1, 1), 1);
    Wake wake = wake(webhook, "w1");
    byte[] woken = SubscriptionRecord.encode(webhook, 5, false);
    webhook.onDelivering(0);
    webhook.onFailed(wake, 100, 0.5);
    webhook.links.onChange(change(Change.Kind.DELETED, "events/b", 1, 2, 1), 1);
    byte[] failed = SubscriptionRecord.encode(webhook, 6, false);

    SubscriptionRecord.Restored restored =
        SubscriptionRecord.decode("sub", List.of(full, woken, failed), 100);

    SubscriptionState state = restored.state();
    assertThat(restored.feed()).isEqualTo(6);
    assertThat(state.definition).isEqualTo(webhook.definition);
    assertThat(state.wake()).isEqualTo(wake);
    assertThat(state.nextAttemptAt()).isEqualTo(1_100);
    assertThat(state.attempts()).isEqualTo(1);
    assertThat(state.links.find("events/b")).isNull();
    assertThat(link(state, "events/a").tail).isEqualTo(2);
    assertThat(state.links.hasPending()).isTrue();
  }
}
