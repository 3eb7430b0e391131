package dev.parley.bench;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The servers that the Socket.IO scenarios measure beside each other, each in its own process. */
enum SocketIoServer {
  PARLEY("parley") {
    @Override
    List<String> command(Path root, int port) {
      return List.of(
          root.resolve("parley").toString(), "example", "echo", "--port", Integer.toString(port));
    }
  },
  SOCKET_IO("socket.io") {
    @Override
    List<String> command(Path root, int port) throws IOException, InterruptedException {
      Path script = Peers.npm(root, "socket.io").resolve("socket.io.mjs");
      return List.of("node", script.toString(), Integer.toString(port));
    }
  },
  NETTY_SOCKETIO("netty-socketio") {
    @Override
    List<String> command(Path root, int port) throws IOException, InterruptedException {
      return java(Peers.classPath(root), "dev.parley.bench.peer.NettySocketIo", port);
    }
  },
  NETTY("netty") {
    @Override
    List<String> command(Path root, int port) {
      String classPath =
          root.resolve("bench/target/parley-bench.jar")
              + File.pathSeparator
              + root.resolve("bench/target/lib")
              + "/*";
      return java(classPath, BareNetty.class.getName(), port);
    }
  };

  private static final int FIRST_PORT = 20_000; // below Linux's ephemeral ports
  private static final int LAST_PORT = 30_000;

  private final String label;

  SocketIoServer(String label) {
    this.label = label;
  }

  abstract List<String> command(Path root, int port) throws IOException, InterruptedException;

  Target start(Path root, int port, String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(command(root, port));
    command.addAll(List.of(options));
    return Target.onPort(label, port, command);
  }

  /**
   * A free port that no outgoing connection can have: a client that comes back while the server is
   * away must not meet itself.
   */
  static int freePort() throws IOException {
    IOException last = new IOException();
    for (int port = FIRST_PORT; port < LAST_PORT; port++) {
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        last = taken;
      }
    }
    throw new IOException("no free port from " + FIRST_PORT + " to " + LAST_PORT, last);
  }

  /** A JVM with the flags that the launcher gives to servers: the generator's, and more. */
  private static List<String> java(String classPath, String main, int port) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-Dparley.")) {
        command.add(flag);
      }
    }
    String more = System.getProperty("parley.server-flags", "");
    command.addAll(more.isEmpty() ? List.of() : List.of(more.split(" ")));
    command.addAll(List.of("-cp", classPath, main, Integer.toString(port)));
    return command;
  }

  /** As users name it. */
  @Override
  public String toString() {
    return label;
  }
}
