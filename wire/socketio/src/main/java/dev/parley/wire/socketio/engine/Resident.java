package dev.parley.wire.socketio.engine;

import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Something that is owned by one event loop and may move to another, without a task for it being
 * lost, reordered or run beside another.
 */
abstract sealed class Resident extends Due permits Session {
  static final System.Logger LOG = System.getLogger("dev.parley.wire.socketio");

  private volatile SessionLoop home; // changed under the monitor
  private @Nullable Move move; // changed under the monitor

  Resident(SessionLoop home) {
    this.home = home;
  }

  /** Any thread: the loop that owns it now, or to which it is on its way. */
  public final EventLoop loop() {
    return home.executor;
  }

  /**
   * Any thread: runs on the owning loop, in the order of the calls, also across a move. Dropped
   * when the server has been closed.
   */
  public final void execute(Runnable task) {
    try {
      synchronized (this) {
        Move moving = move;
        home.executor.execute(moving == null ? task : () -> runOrHold(moving, task));
      }
    } catch (RejectedExecutionException down) {
      LOG.log(System.Logger.Level.DEBUG, () -> this + ": its loop has ended");
    }
  }

  private void runOrHold(Move moving, Runnable task) {
    if (move == moving) {
      moving.hold(task, 0);
    } else {
      task.run();
    }
  }

  /**
   * On its loop: whether it is on its way from one loop to another. What came for it on the old
   * loop may not be through yet, so on the new one its state must not be touched; see {@link
   * #whenHere}.
   */
  public final boolean isMoving() {
    return move != null;
  }

  /**
   * On its loop: whether it is on its way to this one, so that {@link #whenHere} would wait. On the
   * loop it leaves it is not, and its state may still be touched.
   */
  public final boolean isArriving() {
    return arriving() != null;
  }

  /**
   * On its loop: runs a task now or, when it {@link #isMoving} and this is the new loop, as soon as
   * it has arrived.
   */
  public final void whenHere(Runnable task) {
    Move arriving = arriving();
    if (arriving == null) {
      task.run();
    } else {
      arriving.hold(task, 0);
    }
  }

  /** On its loop: the move to this one, until it has arrived. */
  final @Nullable Move arriving() {
    Move moving = move;
    return moving != null && moving.to.isHere() ? moving : null;
  }

  final SessionLoop home() {
    return home;
  }

  /** Whether it is owned by that loop, on which this is called, and not about to leave it. */
  final boolean isOn(SessionLoop loop) {
    return home == loop && move == null;
  }

  /**
   * Leaves for another loop. Whatever was posted here before runs before the marker does; whatever
   * is posted there from now on waits in the {@link Move}.
   *
   * @param leaving runs the switch it is given, once: from then on what is posted belongs there
   * @param arrived runs there before what waited
   */
  final void moveTo(SessionLoop to, Consumer<Runnable> leaving, Runnable arrived) {
    SessionLoop from = home;
    assert from.isHere() && move == null;
    Move moving = new Move(to);
    Runnable departure =
        () -> {
          synchronized (this) {
            move = moving;
            home = to;
          }
        };
    leaving.accept(departure);
    if (move == null) {
      departure.run(); // its listener failed
    }
    from.executor.execute(() -> to.executor.execute(() -> arrive(moving, arrived)));
  }

  private void arrive(Move moving, Runnable arrived) {
    synchronized (this) {
      move = null;
    }
    arrived.run();
    moving.finish();
  }
}
