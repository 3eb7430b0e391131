package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request's answer on its way out, over HTTP/1.1 or HTTP/2. Confined to the connection's loop.
 */
abstract class Exchange {
  final Connection connection;
  private @Nullable Runnable gone;

  Exchange(Connection connection) {
    this.connection = connection;
  }

  /** Names the action for a client that leaves before the answer has ended. */
  final void onGone(Runnable action) {
    gone = action;
  }

  /** The client left. */
  final void tellGone() {
    Runnable action = gone;
    gone = null;
    if (action != null) {
      action.run();
    }
  }

  /** The answer has ended by our own doing: nobody is told. */
  final void forget() {
    gone = null;
  }

  /** Answers in one piece. */
  abstract void answer(int status, Map<String, String> headers, byte[] body);

  /** Begins an answer whose length is not known. */
  abstract void head(int status, Map<String, String> headers);

  /** A buffer for a piece of the body, to be given to {@link #write}. */
  abstract ByteBuf begin();

  /** Writes what was put into {@link #begin}'s buffer, as one chunk or frame, and releases it. */
  abstract void write(ByteBuf piece);

  /** What was put into {@link #begin}'s buffer, without room for framing. */
  abstract ByteBuf body(ByteBuf piece);

  /** Sends what was written, at the end of the wheel's turn at the latest. */
  abstract void flush();

  /** Sends what was written at once, for who ends the connection without a word. */
  abstract void flushNow();

  /** Ends the answer in order. */
  abstract void end();

  /** Cuts the answer: a TCP reset over HTTP/1.1, RST_STREAM over HTTP/2. */
  abstract void cut();

  /** Closes the connection in order, in the middle of the answer. */
  abstract void truncate();

  /** Whether the client keeps up. */
  abstract boolean isWritable();
}
