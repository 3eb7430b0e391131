package dev.parley.wire.socketio.backend;

import dev.parley.webhook.Answer;
import dev.parley.webhook.NoAnswerException;
import dev.parley.webhook.NoAnswerException.Reason;
import dev.parley.webhook.SignedPost;
import dev.parley.wire.socketio.backend.UnansweredException.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Posts questions and takes good answers. Blocks its callers, which are virtual threads.
 *
 * <p>A request that found nobody listening is sent again with the same id: nothing of it has left.
 * Any other failure may mean that the backend has done what it was asked for.
 */
final class Posting {
  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(50), Duration.ofMillis(200));

  private final SignedPost post;
  private final Pause pause;

  Posting(SignedPost post, Pause pause) {
    this.post = post;
    this.pause = pause;
  }

  /**
   * Sends a body and returns that of the answer.
   *
   * @param deadline in {@code System.nanoTime()}
   */
  byte[] send(String id, byte[] body, long deadline)
      throws UnansweredException, InterruptedException {
    for (Duration wait : PAUSES) {
      try {
        return sendOnce(id, body, deadline);
      } catch (NoAnswerException e) {
        if (e.reason() != Reason.UNREACHABLE || deadline - System.nanoTime() < wait.toNanos()) {
          throw unanswered(e);
        }
        pause.sleep(wait);
      }
    }
    try {
      return sendOnce(id, body, deadline);
    } catch (NoAnswerException e) {
      throw unanswered(e);
    }
  }

  private byte[] sendOnce(String id, byte[] body, long deadline)
      throws UnansweredException, NoAnswerException, InterruptedException {
    Answer answer = post.send(id, body, Map.of(), deadline);
    if (answer.status() / 100 != 2) {
      throw new UnansweredException(
          Outcome.FAILED, "status " + answer.status() + " (expected: 2xx)");
    }
    return answer.body();
  }

  private static UnansweredException unanswered(NoAnswerException e) {
    return new UnansweredException(
        e.reason() == Reason.TIMED_OUT ? Outcome.TIMED_OUT : Outcome.FAILED,
        String.valueOf(e.getMessage()));
  }
}
