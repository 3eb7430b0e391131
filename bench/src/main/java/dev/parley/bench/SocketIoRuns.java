package dev.parley.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which servers a Socket.IO scenario measures, how often, and after what warm-up. */
final class SocketIoRuns {
  /** Measures one server. */
  @FunctionalInterface
  interface Scenario {
    void measure(Target target) throws Exception;
  }

  @Option(
      names = "--servers",
      split = ",",
      defaultValue = "parley,socket.io,netty-socketio,netty",
      description = "Which, in this order: ${COMPLETION-CANDIDATES}; netty is a bare echo server.")
  private List<SocketIoServer> servers = new ArrayList<>();

  @Option(
      names = "--rounds",
      defaultValue = "1",
      description = "How often the servers are measured in turn.")
  private int rounds;

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      description = "Seconds of the same before what is measured: both sides compile.")
  private int warmUp;

  int warmUp() {
    return warmUp;
  }

  /** Starts each server in turn, on a port of its own, for as long as it is measured. */
  void each(Bench bench, Scenario scenario) throws Exception {
    for (int round = 0; round < rounds; round++) {
      for (SocketIoServer server : servers) {
        try (Target target = server.start(bench.root(), SocketIoServer.freePort())) {
          scenario.measure(target);
        } catch (IOException e) {
          // The others' figures are worth having without this one's.
          bench.out().println(server + " was not measured: " + e.getMessage());
        }
      }
    }
  }
}
