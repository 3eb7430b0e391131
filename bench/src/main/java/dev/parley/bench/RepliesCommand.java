package dev.parley.bench;

import dev.parley.testkit.upstream.UpstreamProcess;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Many replies of a model at once, each followed by a client, from the upstream's write on. */
@Command(
    name = "replies",
    description =
        "Replies running at once, from a scripted model in another process to a client each: loss,"
            + " latency, CPU per token, memory per session.")
final class RepliesCommand implements Callable<Integer> {
  private static final int STARTERS = 8; // connections that ask

  @ParentCommand private Bench bench = new Bench();

  @Option(
      names = "--replies",
      split = ",",
      defaultValue = "1000,2000,3000,5000",
      description = "Running at once, a server and a row each.")
  private List<Integer> replies = new ArrayList<>();

  @Option(
      names = "--sessions",
      defaultValue = "10000",
      description = "Clients connected; those without a reply are idle Socket.IO sessions.")
  private int sessions;

  @Option(names = "--rate", defaultValue = "30", description = "Tokens a second of each reply.")
  private int rate;

  @Option(names = "--seconds", defaultValue = "60", description = "Time measured.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "15",
      description = "Seconds that all run before what is measured.")
  private int warmUp;

  @Option(
      names = "--http",
      defaultValue = "http-2",
      description = "Between server and model: http-2 or http-1-1.")
  private String http = "";

  @Override
  public Integer call() throws Exception {
    Table table =
        new Table(
            "replies",
            "tokens/s",
            "expected",
            "received",
            "wrong",
            "unfinished",
            "p50 ms",
            "p99 ms",
            "max ms",
            "CPU µs/token",
            "model's",
            "words a read",
            "KB a session",
            "asked to model p99 ms");
    for (int count : replies) {
      try (Scratch scratch = new Scratch();
          UpstreamProcess model = UpstreamProcess.start();
          Target target = target(scratch, model, count)) {
        measure(target, model, count, table);
      }
    }
    bench
        .out()
        .printf(
            Locale.ROOT,
            "%d tokens/s a reply for %d s, %,d sessions, model over %s; generator and model on the"
                + " same cores%n",
            rate,
            seconds,
            sessions,
            http);
    table.print(bench.out());
    return 0;
  }

  private Target target(Scratch scratch, UpstreamProcess model, int count) throws Exception {
    return Target.parley(
        bench.root(),
        scratch.path(),
        "transport.max-connections-per-address=20000",
        "providers[0].name=model",
        "providers[0].dialect=openai-compatible",
        "providers[0].url=" + model.uri() + "/v1",
        "providers[0].protocol=" + http,
        "providers[0].max-connections=20000",
        "providers[0].running=100000",
        "providers[0].running-per-user=100000",
        "personas[0].id=bench",
        "personas[0].provider=model",
        "personas[0].model=scripted?tokens=" + tokens(count) + "&rate=" + rate);
  }

  /** Seconds that starting takes, which the first replies have to last, too. */
  private static int ramp(int count) {
    return 2 + count / 250;
  }

  private int tokens(int count) {
    return rate * (ramp(count) + warmUp + seconds + 2);
  }

  private void measure(Target target, UpstreamProcess model, int count, Table table)
      throws Exception {
    URI server = target.uri();
    LockSupport.parkNanos(2_000_000_000L);
    long empty = target.residentBytes();
    try (Sessions idle = new Sessions(server.getPort());
        ReplyFollowers followers = new ReplyFollowers()) {
      if (sessions > count) {
        idle.connect(sessions - count, 1000);
      }
      Histogram asked = begin(server, followers, count);
      LockSupport.parkNanos(warmUp * 1_000_000_000L);
      var _ = followers.takeLatency();
      long received = followers.received();
      long reads = followers.reads();
      double cpu = target.cpuSeconds();
      double modelCpu = Target.cpuSeconds(model.pid());
      long begun = System.nanoTime();
      LockSupport.parkNanos(seconds * 1_000_000_000L);
      double took = (System.nanoTime() - begun) / 1e9;
      cpu = target.cpuSeconds() - cpu;
      modelCpu = Target.cpuSeconds(model.pid()) - modelCpu;
      received = followers.received() - received;
      reads = followers.reads() - reads;
      Histogram latency = followers.takeLatency();
      long memory = target.residentBytes() - empty;
      long expected = (long) count * tokens(count);
      awaitEnd(followers, count);
      table.row(
          Integer.toString(count),
          String.format(Locale.ROOT, "%.0f", received / took),
          Long.toString(expected),
          Long.toString(followers.received()),
          Long.toString(followers.wrong()),
          Long.toString(count - followers.finished()),
          AppendsCommand.millis(latency, 50),
          AppendsCommand.millis(latency, 99),
          AppendsCommand.millis(latency, 100),
          String.format(Locale.ROOT, "%.2f", cpu * 1e6 / Math.max(1, received)),
          String.format(Locale.ROOT, "%.2f", modelCpu * 1e6 / Math.max(1, received)),
          String.format(Locale.ROOT, "%.2f", (double) received / Math.max(1, reads)),
          String.format(Locale.ROOT, "%.1f", memory / 1024.0 / Math.max(1, sessions)),
          AppendsCommand.millis(asked, 99));
    }
  }

  /** Has all replies begun, each with its follower; gives how long each request took. */
  private Histogram begin(URI server, ReplyFollowers followers, int count) throws Exception {
    Histogram asked = new Histogram(60_000_000_000L, 3);
    List<Thread> starters = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    double perSecond = (double) count / ramp(count);
    long begin = System.nanoTime();
    for (int s = 0; s < STARTERS; s++) {
      int first = s;
      starters.add(
          Thread.ofVirtual()
              .start(() -> {
                try (Asker asker = new Asker(server)) {
                  for (int i = first; i < count; i += STARTERS) {
                    long due = begin + (long) (i * 1e9 / perSecond);
                    LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
                    long sent = System.nanoTime();
                    String room = "bench-" + i;
                    asker.create(room, "bench", "me");
                    asker.say(room, room, "me");
                    synchronized (asked) {
                      asked.recordValue(System.nanoTime() - sent);
                    }
                    followers.follow(server, "/api/runs/" + room);
                  }
                } catch (Exception e) {
                  synchronized (failures) {
                    failures.add(e);
                  }
                }
              }));
    }
    for (Thread starter : starters) {
      starter.join();
    }
    if (!failures.isEmpty()) {
      throw new IllegalStateException("a reply could not be asked for", failures.getFirst());
    }
    return asked;
  }

  private void awaitEnd(ReplyFollowers followers, int count) {
    long deadline = System.nanoTime() + (ramp(count) + 30) * 1_000_000_000L;
    while (followers.finished() < count && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(50_000_000);
    }
  }
}
