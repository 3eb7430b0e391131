package dev.parley.bench;

import dev.parley.testkit.upstream.UpstreamProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** What people wait for around a reply, while others run. */
@Command(
    name = "turns",
    description = {
      "What people wait for around replies, while some run: the first word, coming back in mid-reply,"
          + " stopping, another persona; and what a reply weighs on each wire.",
      "A scripted model in another process says when it saw a request and its end, and when it wrote"
          + " each word. The measurements are made one after the other, each for its own warm-up and"
          + " time, all in the same server."
    })
final class TurnsCommand implements Callable<Integer> {
  private enum Measurement {
    FIRST_TOKEN,
    RECONNECT,
    STOP,
    PERSONA,
    BYTES
  }

  private static final int REST = 30; // seconds that a measurement takes beside its time, at most

  @ParentCommand private Bench bench = new Bench();

  @Option(
      names = "--measure",
      split = ",",
      defaultValue = "FIRST_TOKEN,RECONNECT,STOP,PERSONA,BYTES",
      description = "Which of ${COMPLETION-CANDIDATES}, in this order (default: all).")
  private List<Measurement> measurements = new ArrayList<>();

  @Option(
      names = "--replies",
      defaultValue = "100",
      description = "Running all the time, a follower each (default: ${DEFAULT-VALUE}).")
  private int replies;

  @Option(
      names = "--rate",
      defaultValue = "30",
      description = "Tokens a second of each of them (default: ${DEFAULT-VALUE}).")
  private int rate;

  @Option(
      names = "--reconnects",
      defaultValue = "1000",
      description = "Clients that come back in a second (default: ${DEFAULT-VALUE}).")
  private int reconnects;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "Time of each measurement (default: ${DEFAULT-VALUE}).")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      description = "Seconds of the same load before each (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--http",
      defaultValue = "http-2",
      description = "Between server and model: http-2 or http-1-1 (default: ${DEFAULT-VALUE}).")
  private String http = "";

  @Override
  public Integer call() throws Exception {
    Table table = Trial.newTable();
    List<Table> tables = new ArrayList<>(List.of(table));
    try (Scratch scratch = new Scratch();
        UpstreamProcess model = UpstreamProcess.start("--log", log(scratch).toString());
        Target target = target(scratch, model);
        ClientLoop clients = new ClientLoop();
        ReplyFollowers followers = new ReplyFollowers()) {
      Runnable onWarm = followers::takeLatency;
      Trial trial =
          new Trial(target.uri(), model, log(scratch), clients, warmUp, seconds, onWarm, table);
      List<String> running = begin(target.uri(), followers);
      for (Measurement measurement : measurements) {
        switch (measurement) {
          case FIRST_TOKEN -> new FirstTokens(trial).measure();
          case RECONNECT -> new Reconnects(trial, reconnects, running).measure();
          case STOP -> new Stops(trial).measure();
          case PERSONA -> new PersonaSwitches(trial).measure();
          case BYTES -> tables.add(new ReplyBytes(trial).measure());
        }
        trial.row(
            "meanwhile, a word of those that run, written, read",
            followers.takeLatency(),
            "5 ms",
            followers.wrong() + followers.cut());
      }
      target.kill(); // the replies that run would be waited for
    }
    bench
        .out()
        .printf(
            Locale.ROOT,
            "%d s each after %d s of warm-up; %d replies of %d tokens/s run all the time, model over %s;"
                + " generator and model on the same cores%n",
            seconds,
            warmUp,
            replies,
            rate,
            http);
    for (Table each : tables) {
      bench.out().println();
      each.print(bench.out());
    }
    return 0;
  }

  private static Path log(Scratch scratch) {
    return scratch.path().resolve("model.jsonl");
  }

  private Target target(Scratch scratch, UpstreamProcess model) throws IOException {
    int longest = rate * (REST + measurements.size() * (warmUp + seconds + REST));
    return Target.parley(
        bench.root(),
        scratch.path().resolve("data"),
        "transport.max-connections-per-address=20000",
        "socketio.engine.deflate=true", // for who asks for it
        "providers[0].name=model",
        "providers[0].dialect=openai-compatible",
        "providers[0].url=" + model.uri() + "/v1",
        "providers[0].protocol=" + http,
        "providers[0].max-connections=20000",
        "providers[0].running=100000",
        "providers[0].running-per-user=100000",
        "personas[0].id=" + Trial.LONG,
        "personas[0].provider=model",
        "personas[0].model=scripted?tokens=" + longest + "&rate=" + rate,
        "personas[1].id=" + Trial.BRIEF,
        "personas[1].provider=model",
        "personas[1].model=scripted?first=100ms&tokens=" + Trial.BRIEF_WORDS + "&rate=" + rate,
        "personas[2].id=" + Trial.PROSE,
        "personas[2].provider=model",
        "personas[2].model=" + ReplyBytes.MODEL);
  }

  /** Has the replies begun that run all the time; gives their names. */
  private List<String> begin(URI server, ReplyFollowers followers) throws IOException {
    List<String> running = new ArrayList<>();
    try (Asker asker = new Asker(server)) {
      for (int i = 0; i < replies; i++) {
        String name = "long-" + i;
        asker.create(name, Trial.LONG, "me");
        asker.say(name, name, "me");
        followers.follow(server, "/api/runs/" + name);
        running.add(name);
      }
    }
    return running;
  }
}
