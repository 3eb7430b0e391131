package dev.parley.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Every Socket.IO client sends and gets its own message back. */
@Command(
    name = "echo",
    description = "Socket.IO over WebSocket: messages back to their sender, CPU each and latency.")
final class EchoCommand implements Callable<Integer> {
  @ParentCommand private Bench bench = new Bench();
  @Mixin private SocketIoRuns runs = new SocketIoRuns();

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "1000,10000",
      description = "Connections, a run for each number.")
  private List<Integer> connections = new ArrayList<>();

  @Option(names = "--rate", defaultValue = "10000", description = "Messages a second, all in all.")
  private int rate;

  @Option(names = "--seconds", defaultValue = "20", description = "Time measured.")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    Table table = SteadyLoad.table("connections", "messages/s");
    for (int count : connections) {
      runs.each(bench, target -> measure(target, count, table));
    }
    bench
        .out()
        .printf(
            Locale.ROOT,
            "%,d messages/s of 118-byte JSON for %d s after %d s of warm-up, generator on the same cores%n",
            rate,
            seconds,
            runs.warmUp());
    table.print(bench.out());
    return 0;
  }

  private void measure(Target target, int count, Table table) throws Exception {
    try (Sessions sessions = new Sessions(target.uri().getPort())) {
      sessions.connect(count, 1_000);
      new SteadyLoad(
              target,
              sessions,
              sessions,
              count,
              rate,
              1,
              (i, due) -> sessions.get(i % count).emit("message", Message.json(i / count + 1, due)))
          .measure(runs.warmUp(), seconds, table);
    }
  }
}
