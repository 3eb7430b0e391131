package dev.parley.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** kill -9 of a server full of Socket.IO sessions, and what they have when they are back. */
@Command(
    name = "recovery",
    description = {
      "Socket.IO over WebSocket: kill -9, restart, and how soon every session has what it missed.",
      "Half of it is published before the kill, to clients that throw it away unread; the kill comes"
          + " once the publisher, a member too, has it all. The other half is published after the"
          + " restart, while the sessions come back."
    })
final class RecoveryCommand implements Callable<Integer> {
  private static final double ONCE = 1_000_000; // a second: at once

  @ParentCommand private Bench bench = new Bench();

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "parley,socket.io",
      description = "Which of parley and socket.io; the latter keeps sessions in memory alone.")
  private List<SocketIoServer> servers = new ArrayList<>();

  @Option(names = "--sessions", defaultValue = "10000", description = "Members of one room.")
  private int sessions;

  @Option(
      names = "--missed",
      defaultValue = "10",
      description = "Messages that each of them misses.")
  private int missed;

  @Option(
      names = "--spread",
      defaultValue = "1",
      description = "Seconds over which they come back, from when the server listens.")
  private double spread;

  @Override
  public Integer call() throws Exception {
    Table table =
        new Table(
            "server",
            "sessions",
            "recovered",
            "failed",
            "expected",
            "lost",
            "doubled",
            "disordered",
            "listens s",
            "last one back s",
            "all have all s");
    for (SocketIoServer server : servers) {
      try (Scratch scratch = new Scratch()) {
        measure(server, scratch.path().toString(), table);
      }
    }
    bench
        .out()
        .printf(
            Locale.ROOT,
            "%,d sessions miss %d messages of 118-byte JSON each; times from the start of the new process%n",
            sessions,
            missed);
    table.print(bench.out());
    return 0;
  }

  private void measure(SocketIoServer server, String data, Table table) throws Exception {
    int port = SocketIoServer.freePort();
    String[] options = {"--recovery", "--data", data};
    int before = missed / 2;
    try (Sessions members = new Sessions(port);
        Sessions publisher = new Sessions(port)) {
      try (Target target = server.start(bench.root(), port, options)) {
        members.connect(sessions, 1_000);
        publisher.connect(1, ONCE);
        publisher.joinAll(publisher);
        members.joinAll(publisher);
        members.each(Session::goDeaf);
        publish(publisher, 0, before);
        Tally tally = publisher.tally();
        publisher.await(() -> tally.received.sum() == before);
        if (tally.received.sum() < before) {
          throw new IOException("published: " + tally.received + " (expected: " + before + ")");
        }
        target.kill();
        members.await(() -> members.tally().ended.sum() == sessions);
      }
      try (Target target = server.start(bench.root(), port, options)) {
        double listens = (System.nanoTime() - target.startNanos()) / 1e9;
        restarted(target, members, publisher, listens, table);
      }
    }
  }

  private void restarted(
      Target target, Sessions members, Sessions publisher, double listens, Table table)
      throws Exception {
    Tally tally = members.tally();
    long connected = tally.connected.sum();
    long expected = (long) sessions * missed;
    var back = members.reconnect(sessions / spread);
    publisher.reconnect(ONCE).get();
    publisher.await(() -> publisher.tally().connected.sum() == 2);
    publish(publisher, missed / 2, missed);
    back.get();
    members.await(() -> tally.connected.sum() - connected + tally.failed.sum() == sessions);
    double lastBack = (System.nanoTime() - target.startNanos()) / 1e9;
    members.await(() -> tally.received.sum() == expected);
    long received = tally.received.sum();
    double all = (tally.lastNanos() - target.startNanos()) / 1e9;
    table.row(
        target.name(),
        Integer.toString(sessions),
        tally.recovered.toString(),
        tally.failed.toString(),
        Long.toString(expected),
        Long.toString(expected - received),
        tally.doubled.toString(),
        tally.disordered.toString(),
        String.format(Locale.ROOT, "%.2f", listens),
        String.format(Locale.ROOT, "%.2f", lastBack),
        received == expected ? String.format(Locale.ROOT, "%.2f", all) : "never");
  }

  /** Publishes the numbers after {@code from} up to {@code to}, 100 a second. */
  private static void publish(Sessions publisher, int from, int to) throws Exception {
    publisher
        .pace(
            System.nanoTime(),
            100,
            to - from,
            (i, due) -> publisher.get(0).publish(from + i + 1, due))
        .get();
  }
}
