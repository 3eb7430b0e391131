package dev.parley.transport;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs the steps of answers; what fails becomes an error that the client sees. Immutable. */
public final class Guard {
  private static final System.Logger LOG = System.getLogger(Guard.class.getName());

  private final BiConsumer<Response, Throwable> answer;

  /**
   * @param answer makes an answer of a failure, on the response's loop
   */
  public Guard(BiConsumer<Response, Throwable> answer) {
    this.answer = answer;
  }

  /**
   * Errors in the one shape; what is not foreseen is logged.
   *
   * @param wire its name, for the log
   * @param foreseen the error for a failure that is none itself, {@code null} for none
   */
  public static Guard of(String wire, Function<Throwable, @Nullable HttpError> foreseen) {
    return new Guard((response, failure) -> {
      HttpError error = failure instanceof HttpError it ? it : foreseen.apply(failure);
      if (error == null) {
        LOG.log(System.Logger.Level.ERROR, wire + ": a request failed", failure);
        error = new HttpError(500, "internal", "the server failed; its log says why", false);
      }
      error.send(response);
    });
  }

  /** Runs a step on the response's loop. */
  public void run(Response response, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      fail(response, e);
    }
  }

  /** Goes on with a result on the response's loop, if its client is still there. */
  public <T> void then(Response response, CompletableFuture<T> future, Consumer<? super T> next) {
    thenAnyway(
        response,
        future,
        value -> {
          if (response.isOpen()) {
            next.accept(value);
          }
        });
  }

  /** The same, also when the client has gone. */
  public <T> void thenAnyway(
      Response response, CompletableFuture<T> future, Consumer<? super T> next) {
    var _ =
        future.whenComplete((value, failure) ->
            on(
                response,
                () -> {
                  if (failure != null) {
                    fail(response, failure);
                  } else {
                    run(response, () -> next.accept(value));
                  }
                }));
  }

  private static void on(Response response, Runnable step) {
    if (response.loop().inEventLoop()) {
      step.run();
      return;
    }
    try {
      response.loop().execute(step);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "an answer came after its event loop ended", e);
    }
  }

  private void fail(Response response, Throwable failure) {
    if (response.isOpen()) {
      boolean wrapped = failure instanceof CompletionException && failure.getCause() != null;
      answer.accept(response, wrapped ? failure.getCause() : failure);
    }
  }
}
