package dev.parley.testkit;

import io.socket.client.Ack;
import io.socket.client.AckWithTimeout;
import io.socket.client.IO;
import io.socket.client.Manager;
import io.socket.client.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.json.JSONObject;

/**
 * One connection of the stock Java client, whose events wait to be asked for. Safe on any thread.
 */
final class SocketIoJavaClient implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 10;

  /** What the client may speak. */
  enum Transport {
    POLLING,
    WEBSOCKET,
    UPGRADE;

    private String[] names() {
      return switch (this) {
        case POLLING -> new String[] {"polling"};
        case WEBSOCKET -> new String[] {"websocket"};
        case UPGRADE -> new String[] {"polling", "websocket"};
      };
    }
  }

  private final Manager manager;
  private final Socket main;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Map<String, BlockingQueue<Object[]>> came = new ConcurrentHashMap<>();
  private final BlockingQueue<Object[]> all = new LinkedBlockingQueue<>();

  SocketIoJavaClient(URI server, Transport transport) {
    IO.Options options = new IO.Options();
    options.transports = transport.names();
    options.reconnectionDelay = 20;
    options.reconnectionDelayMax = 100;
    manager = new Manager(server, options);
    manager.on(Manager.EVENT_OPEN, _ -> connections.incrementAndGet());
    main = manager.socket("/");
    main.onAnyIncoming(args -> {
      Object[] rest = Arrays.copyOfRange(args, 1, args.length);
      queue((String) args[0]).add(rest);
      all.add(rest);
    });
  }

  /** Connects to a namespace over this connection; returns once it has. */
  Socket connect(String namespace, Map<String, String> auth) throws Exception {
    Socket socket = socket(namespace, auth);
    CompletableFuture<Object[]> connected = expect(socket, Socket.EVENT_CONNECT);
    socket.connect();
    soon(connected);
    return socket;
  }

  /** Connects to a namespace that refuses; what it says. */
  JSONObject refusal(String namespace, Map<String, String> auth) throws Exception {
    Socket socket = socket(namespace, auth);
    CompletableFuture<Object[]> refused = expect(socket, Socket.EVENT_CONNECT_ERROR);
    socket.connect();
    return (JSONObject) soon(refused)[0];
  }

  private Socket socket(String namespace, Map<String, String> auth) {
    IO.Options options = new IO.Options();
    options.auth = auth;
    Socket socket = namespace.equals("/") ? main : manager.socket(namespace, options);
    sockets.add(socket);
    return socket;
  }

  /** Of the main namespace. */
  String id() {
    return main.id();
  }

  /** How often it has connected. */
  int connections() {
    return connections.get();
  }

  void emit(String event, Object... args) {
    main.emit(event, args);
  }

  Object[] request(String event, Object... args) throws Exception {
    return request(main, event, args);
  }

  static Object[] request(Socket socket, String event, Object... args) throws Exception {
    CompletableFuture<Object[]> answered = new CompletableFuture<>();
    socket.emit(event, args, answered::complete);
    return soon(answered);
  }

  /** Sends an event that wants an answer in time; whether there was none. */
  boolean timesOut(Duration patience, String event) throws Exception {
    CompletableFuture<Boolean> late = new CompletableFuture<>();
    main.emit(
        event,
        new Object[0],
        new AckWithTimeout(patience.toMillis()) {
          @Override
          public void onSuccess(Object... args) {
            late.complete(false);
          }

          @Override
          public void onTimeout() {
            late.complete(true);
          }
        });
    return soon(late);
  }

  /** Answers each event of that name, whose last argument is the way to. */
  void answer(String event, Function<Object, Object[]> answer) {
    main.on(event, args -> ((Ack) args[args.length - 1]).call(answer.apply(args[0])));
  }

  /** The arguments of the next event of that name that came. */
  Object[] next(String event) throws InterruptedException {
    return next(event, queue(event));
  }

  /** The arguments of the next event that came. */
  Object[] nextOfAll() throws InterruptedException {
    return next("event", all);
  }

  private static Object[] next(String event, BlockingQueue<Object[]> queue)
      throws InterruptedException {
    Object[] args = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (args == null) {
      throw new AssertionError(event + ": none (expected: one within " + PATIENCE_SECONDS + " s)");
    }
    return args;
  }

  /** Events of that name that came and were not asked for. */
  int pending(String event) {
    return queue(event).size();
  }

  /** The next event of the main namespace, its own such as {@code disconnect} included. */
  CompletableFuture<Object[]> expect(String event) {
    return expect(main, event);
  }

  private static CompletableFuture<Object[]> expect(Socket socket, String event) {
    CompletableFuture<Object[]> came = new CompletableFuture<>();
    socket.once(event, came::complete);
    return came;
  }

  static <T> T soon(CompletableFuture<T> future) throws Exception {
    return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private BlockingQueue<Object[]> queue(String event) {
    return came.computeIfAbsent(event, _ -> new LinkedBlockingQueue<>());
  }

  @Override
  public void close() {
    sockets.forEach(Socket::disconnect);
  }
}
