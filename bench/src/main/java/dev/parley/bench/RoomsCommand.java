package dev.parley.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** One publisher, many members of one Socket.IO room. */
@Command(
    name = "rooms",
    description = "Socket.IO over WebSocket: fan-out to one room, CPU per delivery and latency.")
final class RoomsCommand implements Callable<Integer> {
  @ParentCommand private Bench bench = new Bench();
  @Mixin private SocketIoRuns runs = new SocketIoRuns();

  @Option(
      names = "--members",
      split = ",",
      defaultValue = "1000,10000",
      description = "Members of the room, a run for each number.")
  private List<Integer> members = new ArrayList<>();

  @Option(
      names = "--deliveries",
      defaultValue = "100000",
      description = "Deliveries a second; the publisher sends as many messages as make them.")
  private int deliveries;

  @Option(names = "--seconds", defaultValue = "20", description = "Time measured.")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    Table table = SteadyLoad.table("members", "deliveries/s");
    for (int count : members) {
      runs.each(bench, target -> measure(target, count, table));
    }
    bench
        .out()
        .printf(
            Locale.ROOT,
            "%,d deliveries/s of 118-byte JSON for %d s after %d s of warm-up, generator on the same cores%n",
            deliveries,
            seconds,
            runs.warmUp());
    table.print(bench.out());
    return 0;
  }

  private void measure(Target target, int count, Table table) throws Exception {
    int port = target.uri().getPort();
    try (Sessions room = new Sessions(port);
        Sessions publisher = new Sessions(port)) {
      room.connect(count, 1_000);
      publisher.connect(1, 1_000);
      room.joinAll(publisher);
      new SteadyLoad(
              target,
              publisher,
              room,
              count,
              (double) deliveries / count,
              count,
              (i, due) -> publisher.get(0).publish(i + 1, due))
          .measure(runs.warmUp(), seconds, table);
    }
  }
}
