package dev.parley.testkit.upstream;

import static dev.parley.testkit.upstream.Running.chat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Http2Test {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private final Running upstream;

  Http2Test() throws IOException {
    upstream = new Running();
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  @Test
  void repliesOfOneConnectionRunSideBySide() throws IOException {
    try (Frames frames = new Frames()) {
      frames.ask(1, "scripted?tokens=50&rate=1000");
      frames.ask(3, "scripted?tokens=70&rate=1000");
      frames.ask(5, "scripted?status=429&retry-after=1");

      Map<Integer, String> bodies = frames.readUntilEnded(3);

      assertThat(Running.numbers(bodies.getOrDefault(1, "")))
          .isEqualTo(IntStream.rangeClosed(1, 50).boxed().toList());
      assertThat(Running.numbers(bodies.getOrDefault(3, "")))
          .isEqualTo(IntStream.rangeClosed(1, 70).boxed().toList());
      assertThat(bodies.get(5)).contains("rate_limit_exceeded");
      assertThat(upstream.stats().at("/connections/opened").asInt()).isOne();
      assertThat(upstream.stats().path("reused").asInt()).isEqualTo(2);
    }
  }

  @Test
  void aCutResetsItsStreamAlone() throws IOException {
    try (Frames frames = new Frames()) {
      frames.ask(1, "scripted?cut-after=3&rate=1000");
      frames.ask(3, "scripted?tokens=20&rate=1000");

      Map<Integer, String> bodies = frames.readUntilEnded(2);

      assertThat(frames.reset).isEqualTo(1);
      assertThat(Running.numbers(bodies.getOrDefault(1, ""))).containsExactly(1, 2, 3);
      assertThat(Running.numbers(bodies.getOrDefault(3, ""))).hasSize(20);
    }
  }

  @Test
  void aDeathOrATruncationTakesTheWholeConnection() throws IOException {
    for (String fault : new String[] {"die-after=3", "truncate-after=3"}) {
      try (Frames frames = new Frames()) {
        frames.ask(1, "scripted?tokens=5000&rate=100");
        frames.ask(3, "scripted?rate=100&" + fault);

        assertThat(frames.readUntilEnded(2)).containsOnlyKeys(1, 3);
      }
    }
    assertThat(upstream.stats().at("/replies/faulted").asInt()).isEqualTo(4);
    assertThat(upstream.stats().at("/replies/closedByClient").asInt()).isZero();
  }

  @Test
  void aThousandStopsLeaveTheConnectionOpen() throws IOException {
    try (Frames frames = new Frames()) {
      for (int i = 0; i < 1000; i++) {
        frames.ask(2 * i + 1, "scripted?stall-first");
        frames.write(RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
      }
      frames.ask(2001, "scripted?tokens=3&rate=max");

      Map<Integer, String> bodies = frames.readUntilEnded(1);

      assertThat(Running.numbers(bodies.getOrDefault(2001, ""))).containsExactly(1, 2, 3);
      await()
          .untilAsserted(() ->
              assertThat(upstream.stats().at("/replies/closedByClient").asInt()).isEqualTo(1000));
    }
  }

  @Test
  void whatTheWindowDoesNotTakeIsHeldBack() throws IOException {
    try (Frames frames = new Frames()) {
      frames.updatesWindows = false;
      frames.ask(1, "scripted?gigabyte=body");

      await().until(() -> upstream.stats().path("held").asLong() > 3);

      assertThat(upstream.stats().path("tokens").asLong()).isLessThan(3000);
    }
  }

  /** A client that frames by hand (RFC 9113 §4). */
  private final class Frames implements AutoCloseable {
    private final Socket socket =
        new Socket(upstream.address().getAddress(), upstream.address().getPort());
    private final DataInputStream in = new DataInputStream(socket.getInputStream());
    private final DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    private boolean updatesWindows = true;
    private int reset;

    Frames() throws IOException {
      socket.setSoTimeout(20_000);
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      write(SETTINGS, 0, 0, new byte[0]);
    }

    void ask(int stream, String model) throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      head.write(0x83); // :method POST, :scheme http of the static table (RFC 7541 appendix A)
      head.write(0x86);
      literal(head, 4, "/v1/chat/completions"); // :path
      literal(head, 1, "upstream"); // :authority
      write(HEADERS, END_HEADERS, stream, head.toByteArray());
      write(DATA, END_STREAM, stream, chat(model).getBytes(StandardCharsets.UTF_8));
    }

    private static void literal(ByteArrayOutputStream head, int index, String value) {
      head.write(index); // without indexing (RFC 7541 §6.2.2)
      head.write(value.length());
      head.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
    }

    void write(int type, int flags, int stream, byte[] payload) throws IOException {
      out.writeByte(payload.length >> 16);
      out.writeShort(payload.length);
      out.writeByte(type);
      out.writeByte(flags);
      out.writeInt(stream);
      out.write(payload);
      out.flush();
    }

    /** The bodies so far when so many streams have ended, or all with the connection. */
    Map<Integer, String> readUntilEnded(int streams) throws IOException {
      Map<Integer, ByteArrayOutputStream> bodies = new TreeMap<>();
      try {
        for (int ended = 0; ended < streams; ) {
          ended += read(bodies) ? 1 : 0;
        }
      } catch (EOFException | SocketException end) {
        // the connection ended, and with it every stream
      }
      Map<Integer, String> texts = new TreeMap<>();
      bodies.forEach((stream, body) -> texts.put(stream, body.toString(StandardCharsets.UTF_8)));
      return texts;
    }

    private boolean read(Map<Integer, ByteArrayOutputStream> bodies) throws IOException {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = in.readNBytes(length);
      if (type == SETTINGS && (flags & 1) == 0) {
        write(SETTINGS, 1, 0, new byte[0]);
      } else if (type == RST_STREAM) {
        reset = stream;
        return true;
      } else if (type == DATA) {
        bodies.computeIfAbsent(stream, _ -> new ByteArrayOutputStream()).writeBytes(payload);
        if (updatesWindows && length > 0) {
          byte[] increment = {0, (byte) (length >> 16), (byte) (length >> 8), (byte) length};
          write(WINDOW_UPDATE, 0, 0, increment);
        }
        return (flags & END_STREAM) != 0;
      }
      return false;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
