package dev.parley.wire.aisdk;

import dev.parley.transport.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * How chunks of a UI message are sent as events. Also the keys under which deliveries keep them.
 */
enum Framing {
  /** The UI message stream protocol. */
  UI {
    @Override
    void describe(Response response) {
      response
          .headers()
          .set("x-vercel-ai-ui-message-stream", "v1")
          .set("cache-control", "no-cache");
    }

    @Override
    void write(ByteBuf out, List<byte[]> chunks, long offset, boolean last) {
      for (byte[] chunk : chunks) {
        out.writeBytes(DATA).writeBytes(chunk).writeBytes(END);
      }
      if (last) {
        out.writeBytes(DATA).writeBytes(DONE).writeBytes(END);
      }
    }
  },

  /** As messages of a Durable Stream (§5.8). */
  DURABLE {
    @Override
    void describe(Response response) {
      response.headers().set("cache-control", "no-store");
    }

    @Override
    void write(ByteBuf out, List<byte[]> chunks, long offset, boolean last) {
      if (!chunks.isEmpty()) {
        out.writeBytes(DATA_EVENT).writeBytes(DATA).writeByte('[');
        for (int i = 0; i < chunks.size(); i++) {
          if (i > 0) {
            out.writeByte(',');
          }
          out.writeBytes(chunks.get(i));
        }
        out.writeByte(']').writeBytes(END);
      }
      String closed = last ? ",\"streamClosed\":true" : "";
      out.writeCharSequence(
          "event: control\ndata: {\"streamNextOffset\":\""
              + token(offset)
              + "\",\"streamCursor\":\"0\",\"upToDate\":true"
              + closed
              + "}\n\n",
          StandardCharsets.US_ASCII);
    }
  };

  private static final byte[] DATA = ascii("data: ");
  private static final byte[] DATA_EVENT = ascii("event: data\n");
  private static final byte[] DONE = ascii("[DONE]");
  private static final byte[] END = ascii("\n\n");

  /** Headers of its own. */
  abstract void describe(Response response);

  /**
   * Writes events.
   *
   * @param offset of the last message of the run that these chunks come from
   * @param last whether nothing follows
   */
  abstract void write(ByteBuf out, List<byte[]> chunks, long offset, boolean last);

  final ByteBuf frame(List<byte[]> chunks, long offset, boolean last) {
    int size = 128;
    for (byte[] chunk : chunks) {
      size += chunk.length + 8;
    }
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer(size);
    write(out, chunks, offset, last);
    return out;
  }

  final Response begin(Response response) {
    describe(response);
    response.headers().set("x-content-type-options", "nosniff");
    return response;
  }

  /** Where a reader of a Durable Stream is. */
  static String token(long offset) {
    return String.format(Locale.ROOT, "%016d", offset);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
