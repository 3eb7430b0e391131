package dev.parley.bench;

import dev.parley.testkit.upstream.Token;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Clients that leave a reply in its middle and come back more than half a second later, over a new
 * connection with the last id they saw, once a second each. The scenario's thread waits; clients
 * are confined to their loop.
 */
final class Reconnects {
  private static final int STAY_MILLIS = 400; // from the first event on

  private final Trial trial;
  private final int perSecond;
  private final Client[] clients;
  private final Histogram waited = Trial.histogram();
  private boolean counting; // on the clients' loop
  private int late;
  private int ended;
  private int wrongWords;
  private @Nullable String why; // the latest ended

  /**
   * @param perSecond how many come back in a second, and how many there are
   * @param runs that they follow, in turn
   */
  Reconnects(Trial trial, int perSecond, List<String> runs) {
    this.trial = trial;
    this.perSecond = perSecond;
    clients = new Client[perSecond];
    Arrays.setAll(clients, i -> new Client(runs.get(i % runs.size())));
  }

  void measure() throws Exception {
    // Each comes once a second; the first time is no return.
    int count = trial.count(perSecond) + perSecond;
    trial
        .clients()
        .pace(
            System.nanoTime(),
            perSecond,
            count,
            (i, due) -> {
              boolean counts = i >= perSecond && trial.counts(i - perSecond, perSecond);
              if (counts && !counting) {
                counting = true;
                trial.onWarm().run();
              }
              clients[i % perSecond].comeBack(counts);
            })
        .get();
    trial
        .clients()
        .loop()
        .schedule(() -> Arrays.stream(clients).forEach(Client::leave), 1, TimeUnit.SECONDS)
        .get();
    trial.row(
        "coming back in mid-reply, " + perSecond + "/s: connecting, first missed byte read",
        waited,
        "50 ms",
        wrong());
  }

  private String wrong() {
    return late + ended + wrongWords == 0
        ? "0"
        : wrongWords + " words, " + late + " late, " + ended + " ended (" + why + ")";
  }

  /** One client through all its connections. */
  private final class Client implements EventSource.Listener {
    private final String run;
    private @Nullable EventSource source;
    private String lastId = "";
    private int words;
    private long beganNanos;
    private boolean waits; // for what it missed
    private boolean counts;

    Client(String run) {
      this.run = run;
    }

    void comeBack(boolean counted) {
      if (source != null) {
        late += counts ? 1 : 0; // a second has not been enough to get anything
        leave();
      }
      counts = counted;
      waits = true;
      beganNanos = System.nanoTime();
      source = EventSource.open(trial.clients(), trial.server(), "/api/runs/" + run, lastId, this);
    }

    void leave() {
      EventSource from = source;
      source = null;
      if (from != null) {
        from.leave();
      }
    }

    @Override
    public void onEvent(String id, String data, long readNanos) {
      for (Token word : Token.parse(data)) {
        if (word.number() != ++words) {
          wrongWords++;
          words = word.number();
        }
      }
      lastId = id;
      if (waits) {
        waits = false;
        if (counts) {
          Trial.record(waited, readNanos - beganNanos);
        }
        EventSource here = source;
        var _ =
            trial
                .clients()
                .loop()
                .schedule(
                    () -> {
                      if (source == here) {
                        leave();
                      }
                    },
                    STAY_MILLIS,
                    TimeUnit.MILLISECONDS);
      }
    }

    @Override
    public void onEnd(@Nullable String cause) {
      ended++; // though the reply goes on
      why = cause;
      source = null;
    }
  }
}
