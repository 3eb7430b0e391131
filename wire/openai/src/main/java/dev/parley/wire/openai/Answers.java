package dev.parley.wire.openai;

import dev.parley.conversation.Command;
import dev.parley.hub.Hub;
import dev.parley.transport.Response;
import dev.parley.transport.SseRounds;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers requests with what runs say. Stateless; each answer is confined to its loop. */
final class Answers {
  private final Hub hub;
  private final Asking asking;
  private final Lookup lookup;
  private final InstantSource clock;
  private final SseRounds rounds = new SseRounds(Duration.ofSeconds(15));

  Answers(Hub hub, Asking asking, Lookup lookup, InstantSource clock) {
    this.hub = hub;
    this.clock = clock;
    this.asking = asking;
    this.lookup = lookup;
  }

  /**
   * One request and the run it waits for.
   *
   * @param person who asks
   * @param expiresAt when what the person may hear ends, in milliseconds since the Unix epoch
   * @param stops whether the run ends when the client leaves
   */
  record Waiting(
      Response response, Answering answering, String person, long expiresAt, boolean stops) {
    void send(JsonNode json) {
      Answers.send(response, json);
    }
  }

  static void send(Response response, JsonNode json) {
    response.headers().set("content-type", "application/json").set("cache-control", "no-store");
    response.send(200, Unpooled.wrappedBuffer(Fields.JSON.writeValueAsBytes(json)));
  }

  /** What ends a wait whose answer has not begun. */
  private static void interrupted(Response response) {
    new ApiError(503, "server_error", "interrupted", null, "the server goes away; ask again", true)
        .send(response);
  }

  /** Hears the run until it ends, or the client leaves. */
  private Listening listen(Waiting waiting, Listening.Teller teller) {
    Response response = waiting.response();
    Answering answering = waiting.answering();
    response.headers().set("parley-ai-generated", "true").set("x-request-id", answering.run());
    boolean[] over = {false};
    Listening listening =
        new Listening(
            response.loop(),
            answering,
            new Listening.Teller() {
              @Override
              public boolean heard(RunMessage message) {
                boolean ends = message instanceof RunMessage.End;
                over[0] |= ends;
                boolean more = teller.heard(message);
                if (ends && !answering.stored()) {
                  var _ = forget(answering, waiting.person());
                }
                return more || !response.isOpen();
              }

              @Override
              public void remembering() {
                teller.remembering();
              }

              @Override
              public void caughtUp() {
                teller.caughtUp();
              }

              @Override
              public void broken() {
                over[0] = true;
                teller.broken();
              }
            });
    if (waiting.expiresAt() != Long.MAX_VALUE) {
      Future<?> expiry =
          response
              .loop()
              .schedule(
                  listening::breakOff,
                  Math.max(0, waiting.expiresAt() - clock.millis()),
                  TimeUnit.MILLISECONDS);
      response.onClose(() -> expiry.cancel(false));
    }
    response.onClose(() -> {
      if (over[0]) {
        return;
      }
      if (waiting.stops()) {
        var _ = stop(answering, waiting.person());
      }
      if (answering.stored()) { // else it is heard to its end, to be forgotten then
        listening.cancel();
      }
    });
    return listening;
  }

  /** The client left before it was there. */
  void left(Waiting waiting) {
    if (waiting.stops()) {
      var _ = stop(waiting.answering(), waiting.person());
    }
    if (!waiting.answering().stored()) {
      listen(waiting, new ResponseTeller(waiting, true, false)).begin(hub);
    }
  }

  CompletableFuture<?> stop(Answering answering, String person) {
    return asking.submit(
        answering.conversation(), new Command.Stop(person, answering.run(), List.of()));
  }

  /** With its conversation, if it has no other. */
  CompletableFuture<?> forget(Answering answering, String person) {
    return answering.alone()
        ? asking.submit(answering.conversation(), new Command.Delete(person))
        : stop(answering, person).thenCompose(_ -> lookup.forget(answering.run()));
  }

  // --- chat completions

  void completion(Waiting waiting) {
    ChatChunks chunks = new ChatChunks(waiting.answering(), false);
    listen(
            waiting,
            new Listening.Teller() {
              @Override
              public boolean heard(RunMessage message) {
                var _ = chunks.heard(message);
                switch (message) {
                  case RunMessage.Failed failed -> ApiError.of(failed).send(waiting.response());
                  case RunMessage.End end -> waiting.send(chunks.completion(end));
                  default -> {}
                }
                return true;
              }

              @Override
              public void broken() {
                interrupted(waiting.response());
              }
            })
        .begin(hub);
  }

  /** The answer begins with the first word, so that what fails before it has a status. */
  void chunks(Waiting waiting, boolean includeUsage) {
    ChunkTeller teller = new ChunkTeller(waiting, includeUsage);
    teller.listening = listen(waiting, teller);
    teller.listening.begin(hub);
  }

  private final class ChunkTeller implements Listening.Teller {
    private final Waiting waiting;
    private final ChatChunks chunks;
    private @Nullable Listening listening;
    private @Nullable EventStream events;

    ChunkTeller(Waiting waiting, boolean includeUsage) {
      this.waiting = waiting;
      this.chunks = new ChatChunks(waiting.answering(), includeUsage);
    }

    @Override
    public boolean heard(RunMessage message) {
      if (message instanceof RunMessage.Failed failed) {
        ApiError error = ApiError.of(failed);
        if (events == null) {
          error.send(waiting.response());
        } else {
          events.data(error.body());
          events.end();
        }
        return true;
      }
      List<ObjectNode> told = chunks.heard(message);
      if (told.isEmpty()) {
        return true;
      }
      EventStream to = events();
      told.forEach(to::data);
      if (message instanceof RunMessage.End) {
        to.done();
      }
      return to.isWritable();
    }

    private EventStream events() {
      EventStream begun = events;
      if (begun == null) {
        begun = EventStream.begin(waiting.response(), rounds, this::onWritable);
        events = begun;
      }
      return begun;
    }

    private void onWritable() {
      if (listening != null) {
        listening.resume();
      }
    }

    @Override
    public void broken() {
      if (events == null) {
        interrupted(waiting.response());
      } else {
        events.abort();
      }
    }
  }

  // --- responses

  /** Once it has ended; a failure is an error. */
  void response(Waiting waiting) {
    listen(waiting, new ResponseTeller(waiting, true, true)).begin(hub);
  }

  /** Once it has ended, however it did. */
  void ended(Waiting waiting) {
    listen(waiting, new ResponseTeller(waiting, true, false)).begin(hub);
  }

  /** As it is. */
  void present(Waiting waiting) {
    listen(waiting, new ResponseTeller(waiting, false, false)).begin(hub);
  }

  private static final class ResponseTeller implements Listening.Teller {
    private final Waiting waiting;
    private final ResponseEvents events;
    private final boolean waits;
    private final boolean failureIsAnError;
    private boolean sent;

    ResponseTeller(Waiting waiting, boolean waits, boolean failureIsAnError) {
      this.waiting = waiting;
      this.events = new ResponseEvents(waiting.answering());
      this.waits = waits;
      this.failureIsAnError = failureIsAnError;
    }

    @Override
    public boolean heard(RunMessage message) {
      var _ = events.heard(message);
      if (sent) {
        return true;
      }
      if (failureIsAnError && message instanceof RunMessage.Failed failed) {
        sent = true;
        ApiError.of(failed).send(waiting.response());
      } else if (message instanceof RunMessage.End) {
        send();
      }
      return true;
    }

    @Override
    public void caughtUp() {
      if (!waits && !sent) {
        send();
      }
    }

    private void send() {
      sent = true;
      waiting.send(events.response());
    }

    @Override
    public void broken() {
      if (!sent) {
        interrupted(waiting.response());
      }
    }
  }

  /**
   * As a stream of events.
   *
   * @param after the event that the client has seen last, -1 for none
   * @param refusalIsAnError whether what fails before it starts has a status
   */
  void events(Waiting waiting, long after, boolean refusalIsAnError) {
    EventTeller teller = new EventTeller(waiting, after, refusalIsAnError);
    teller.listening = listen(waiting, teller);
    teller.listening.begin(hub);
  }

  private final class EventTeller implements Listening.Teller {
    private final Waiting waiting;
    private final ResponseEvents translation;
    private final long after;
    private final boolean refusalIsAnError;
    private final List<ObjectNode> unsaid = new ArrayList<>(1); // before it is known that it starts
    private boolean remembers; // its events have other numbers: only the last, which has it all
    private @Nullable Listening listening;
    private @Nullable EventStream events;

    EventTeller(Waiting waiting, long after, boolean refusalIsAnError) {
      this.waiting = waiting;
      this.translation = new ResponseEvents(waiting.answering());
      this.after = after;
      this.refusalIsAnError = refusalIsAnError;
    }

    private EventStream events() {
      EventStream begun = events;
      if (begun == null) {
        begun = EventStream.begin(waiting.response(), rounds, this::onWritable);
        events = begun;
      }
      return begun;
    }

    private void onWritable() {
      if (listening != null) {
        listening.resume();
      }
    }

    @Override
    public void remembering() {
      remembers = after >= 0;
    }

    @Override
    public boolean heard(RunMessage message) {
      List<ObjectNode> told = translation.heard(message);
      if (events == null && refusalIsAnError) {
        if (message instanceof RunMessage.Failed failed) {
          ApiError.of(failed).send(waiting.response());
          return true;
        }
        unsaid.addAll(told);
        if (message instanceof RunMessage.Other) { // its head
          return true;
        }
        told = unsaid;
      }
      EventStream to = events();
      if (remembers) {
        if (message instanceof RunMessage.End) {
          ObjectNode last = told.getLast();
          last.put("sequence_number", after + 1);
          to.event(last.path("type").stringValue(), last);
          to.end();
        }
        return true;
      }
      for (ObjectNode event : told) {
        if (event.path("sequence_number").asLong() > after) {
          to.event(event.path("type").stringValue(), event);
        }
      }
      if (message instanceof RunMessage.End) {
        to.end();
      }
      return to.isWritable();
    }

    @Override
    public void broken() {
      if (events == null) {
        interrupted(waiting.response());
      } else {
        events.abort();
      }
    }
  }
}
