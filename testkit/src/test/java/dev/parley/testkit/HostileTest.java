package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input and bad luck, against a server in its own process: a clear error, and nothing lost. */
@Timeout(60)
class HostileTest {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir private static Path folder;

  /** Serves the whole class; what a request does to it, the next test would notice. */
  private static ServerProcess server;

  @TempDir Path scratch;

  @BeforeAll
  static void start() throws Exception {
    server = ServerProcess.start(folder.resolve("shared"), 0, "transport.header-timeout=1s");
    assertThat(put(server, "hostile/json", "application/json").statusCode()).isEqualTo(201);
  }

  @AfterAll
  static void stopsInOrderAfterAllOfIt() throws Exception {
    assertThat(server.stop()).isZero();
  }

  @ParameterizedTest(name = "PUT /v1/stream/{0} is answered with {1}")
  @CsvSource({
    "plain, 201",
    "caf%C3%A9/%E2%98%95, 201",
    "a/.../b, 201",
    "'', 404",
    "a/../b, 400",
    "%2e%2e/b, 400",
    "a%2F..%2Fb, 400",
    ".., 400",
    "a//b, 400",
    "a/, 400",
    "a%00b, 400",
    "a%0Ab, 400",
    "a%7Fb, 400",
    "a%FFb, 400",
    "a%C3%28b, 400",
    "a%ED%A0%80b, 400",
    "a%C0%AFb, 400",
    "a%zz, 400",
    "a%, 400",
    "a b, 400",
    "a#b, 400",
    "__ds, 404",
    "__ds/x, 404",
  })
  void pathsAreTakenOrRefusedButNeverMisread(String path, int status) throws Exception {
    assertThat(status(path)).isEqualTo(status);
  }

  @Test
  void pathsOverTheLimitAreRefusedAndAtTheLimitTaken() throws Exception {
    assertThat(status("x".repeat(1024))).isEqualTo(201);
    assertThat(status("x".repeat(1025))).isEqualTo(400);
    assertThat(status("x".repeat(20_000))).isIn(414, 431);
  }

  @Test
  void jsonNestedAMillionDeepIsRefused() throws Exception {
    String deep = "[".repeat(1_000_000);
    for (String body : List.of(deep, deep + "]".repeat(1_000_000), "{\"a\":".repeat(200_000))) {
      HttpResponse<String> answer = post(server, "hostile/json", "application/json", body);
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("json_too_deep").contains("500");
    }
    assertThat(get(server, "hostile/json").body()).isEqualTo("[]");
  }

  @Test
  void whatIsNotHttpIsToldSoAndTheNextConnectionIsServed() throws Exception {
    String host = "Host: localhost\r\n";
    String post = "POST /v1/stream/hostile/json HTTP/1.1\r\n" + host;
    List<String> broken =
        List.of(
            "\0\1\2\3\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\n" + host + host + "\r\n",
            "GET / HTTP/1.1\r\n" + host + "X: a\0b\r\n\r\n",
            post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            post + "Content-Length: -1\r\n\r\n",
            post + "Content-Length: 99999999999999999999\r\n\r\n",
            post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n");
    for (String request : broken) {
      assertThat(exchange(request)).as(request).startsWith("HTTP/1.1 400 ");
    }
    assertThat(exchange(post + "Content-Length: 17000000\r\n\r\n")).startsWith("HTTP/1.1 413 ");
    assertThat(get(server, "hostile/json").statusCode()).isEqualTo(200);
  }

  @Test
  void aRequestThatNeverEndsIsCutOff() throws Exception {
    assertThat(exchange("GET / HTTP/1.1\r\nHost: local")).startsWith("HTTP/1.1 408 ");
  }

  @Test
  void aSecondServerOnTheFolderIsToldWhoHoldsIt() throws Exception {
    ServerProcess.Refusal refusal = ServerProcess.refused(folder.resolve("shared"), 0);
    refusedClearly(refusal, "is held by pid " + server.pid());
    assertThat(get(server, "hostile/json").statusCode()).isEqualTo(200);
  }

  @Test
  void aPortInUseIsNamed() throws Exception {
    int port = server.uri().getPort();
    refusedClearly(ServerProcess.refused(scratch.resolve("data"), port), String.valueOf(port));
  }

  @Test
  void aFolderOfSomebodyElseIsRefusedAndLeftAlone() throws Exception {
    Files.writeString(scratch.resolve("thesis.txt"), "three years of work");
    refusedClearly(ServerProcess.refused(scratch, 0), "thesis.txt");
    try (Stream<Path> left = Files.list(scratch)) {
      assertThat(left).containsExactly(scratch.resolve("thesis.txt"));
    }
  }

  @Test
  void aDamagedFolderIsRefusedByTheNameOfTheFile() throws Exception {
    Path data = scratch.resolve("data");
    try (ServerProcess writer = ServerProcess.start(data, 0)) {
      put(writer, "a", "text/plain");
      for (int i = 0; i < 20; i++) {
        post(writer, "a", "text/plain", "x".repeat(10_000));
      }
      writer.kill(); // so that the log still holds it all
    }
    Path marker = data.resolve("PARLEY");
    Path current = data.resolve("rocks/CURRENT");
    Path manifest = data.resolve("rocks").resolve(Files.readString(current).strip());
    damaged(data, marker, Files.readString(marker).replace("format: 1", "format: 2"));
    damaged(data, marker, "not ours");
    damaged(data, current, "MANIFEST-");
    byte[] listed = Files.readAllBytes(manifest);
    flipInTheMiddle(manifest);
    refusedClearly(ServerProcess.refused(data, 0), String.valueOf(manifest.getFileName()));
    Files.write(manifest, listed);
    flipInTheMiddle(log(data));
    refusedClearly(ServerProcess.refused(data, 0), "rocks");
    flipInTheMiddle(log(data)); // back to what it was: no refusal made it worse
    try (ServerProcess healed = ServerProcess.start(data, 0)) {
      assertThat(get(healed, "a").body()).hasSize(200_000);
    }
  }

  @Test
  void aFullDiskRefusesAppendsKeepsReadsAndFollowersAndRecovers() throws Exception {
    Path disk = Files.createDirectory(scratch.resolve("disk"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=112m", "tmpfs", disk.toString()),
        "mounting a small disk takes root");
    try (ServerProcess full = ServerProcess.start(disk.resolve("data"), 0)) {
      put(full, "a", "text/plain");
      try (Follower follower = new Follower(full, "a")) {
        assertThat(post(full, "a", "text/plain", "one").statusCode()).isEqualTo(204);
        follower.await("data:one");
        Path filler = disk.resolve("filler");
        fill(filler);

        HttpResponse<String> refused =
            Awaitility.await()
                .until(
                    () -> post(full, "a", "text/plain", "two"),
                    answer -> answer.statusCode() == 507);
        assertThat(refused.body()).contains("store_full").contains("\"retry\":true");
        assertThat(put(full, "b", "text/plain").statusCode()).isEqualTo(507);
        assertThat(get(full, "a").body()).startsWith("one");

        Files.delete(filler);
        Awaitility.await().until(() -> post(full, "a", "text/plain", "three").statusCode() == 204);
        follower.await("data:three");
        assertThat(get(full, "a").body()).endsWith("three");
      }
      assertThat(full.stop()).isZero();
    } finally {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  @Test
  void aSignalUnderLoadEndsWithZeroEndsFollowersAndKeepsWhatWasAcknowledged() throws Exception {
    Path data = scratch.resolve("data");
    AtomicLong acknowledged = new AtomicLong();
    try (ServerProcess loaded = ServerProcess.start(data, 0)) {
      put(loaded, "a", "text/plain");
      AtomicBoolean stopped = new AtomicBoolean();
      CountDownLatch busy = new CountDownLatch(200);
      List<CompletableFuture<Void>> writers =
          Stream.generate(() ->
                  CompletableFuture.runAsync(
                      () -> {
                        while (!stopped.get() && append(loaded)) {
                          acknowledged.incrementAndGet();
                          busy.countDown();
                        }
                      },
                      task -> Thread.ofVirtual().start(task)))
              .limit(8)
              .toList();
      try (Follower follower = new Follower(loaded, "a")) {
        assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(loaded.stop()).isZero();
        follower.ended();
      } finally {
        stopped.set(true);
      }
      CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();
    }
    try (ServerProcess again = ServerProcess.start(data, 0)) {
      // What was answered is there; what was under way when the connection went may be too.
      assertThat((long) get(again, "a").body().length())
          .isBetween(acknowledged.get(), acknowledged.get() + 8);
    }
  }

  private static boolean append(ServerProcess server) {
    try {
      return post(server, "a", "text/plain", "x").statusCode() == 204;
    } catch (IOException gone) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the server refuses with one line, which names what is wrong. */
  private static void refusedClearly(ServerProcess.Refusal refusal, String named) {
    assertThat(refusal.exitCode()).as(refusal.output()).isNotZero();
    assertThat(refusal.output().strip().lines()).hasSize(1);
    assertThat(refusal.output()).startsWith("parley: ").contains(named);
  }

  private static void damaged(Path data, Path file, String text) throws Exception {
    String good = Files.readString(file);
    Files.writeString(file, text);
    refusedClearly(ServerProcess.refused(data, 0), String.valueOf(file.getFileName()));
    Files.writeString(file, good);
  }

  private static Path log(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("rocks"))) {
      return files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
    }
  }

  private static void flipInTheMiddle(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long middle = channel.size() / 2;
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, middle);
      one.put(0, (byte) ~one.get(0)).rewind();
      channel.write(one, middle);
    }
  }

  private static void fill(Path file) {
    byte[] block = new byte[1 << 20];
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      // which is what was wanted
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException notThere) {
      return false;
    }
  }

  private static int status(String path) throws IOException {
    String answer =
        exchange(
            "PUT /v1/stream/"
                + path
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 0\r\nConnection: close\r\n\r\n");
    assertThat(answer).as(path).startsWith("HTTP/1.1 ");
    return Integer.parseInt(answer.substring(9, 12));
  }

  /** Sends bytes as they are and reads until the server closes. */
  private static String exchange(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.uri().getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static HttpResponse<String> put(ServerProcess server, String path, String type)
      throws IOException, InterruptedException {
    return send(request(server, path).PUT(HttpRequest.BodyPublishers.noBody()), type);
  }

  private static HttpResponse<String> post(
      ServerProcess server, String path, String type, String body)
      throws IOException, InterruptedException {
    return send(request(server, path).POST(HttpRequest.BodyPublishers.ofString(body)), type);
  }

  private static HttpResponse<String> get(ServerProcess server, String path)
      throws IOException, InterruptedException {
    return CLIENT.send(request(server, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> send(HttpRequest.Builder request, String type)
      throws IOException, InterruptedException {
    return CLIENT.send(
        request.header("content-type", type).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(ServerProcess server, String path) {
    return HttpRequest.newBuilder(URI.create(server.uri() + "/v1/stream/" + path))
        .timeout(Duration.ofSeconds(20));
  }

  /** Reads a stream live; its thread ends with the response. */
  private static final class Follower implements AutoCloseable {
    private final InputStream body;
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private final CompletableFuture<Void> end;

    Follower(ServerProcess server, String path) throws IOException, InterruptedException {
      body =
          CLIENT
              .send(
                  HttpRequest.newBuilder(
                          URI.create(server.uri() + "/v1/stream/" + path + "?offset=-1&live=sse"))
                      .build(),
                  HttpResponse.BodyHandlers.ofInputStream())
              .body();
      end = CompletableFuture.runAsync(this::read, task -> Thread.ofVirtual().start(task));
    }

    private void read() {
      byte[] part = new byte[8192];
      try {
        for (int n = body.read(part); n >= 0; n = body.read(part)) {
          seen.write(part, 0, n);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void await(String text) {
      Awaitility.await().until(() -> seen.toString(StandardCharsets.UTF_8).contains(text));
      assertThat(end.isDone()).isFalse();
    }

    /** The response came to its end, not to a broken connection. */
    void ended() throws Exception {
      end.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }
}
