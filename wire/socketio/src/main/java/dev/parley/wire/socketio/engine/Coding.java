package dev.parley.wire.socketio.engine;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** How the body of a polling answer is compressed (RFC 9110 §8.4.1). */
enum Coding {
  IDENTITY,
  GZIP,
  DEFLATE;

  /** The better of what a client accepts (RFC 9110 §12.5.3). */
  static Coding accepted(@Nullable String acceptEncoding) {
    Coding best = IDENTITY;
    for (String offer : acceptEncoding == null ? new String[0] : acceptEncoding.split(",", -1)) {
      String[] parts = offer.strip().toLowerCase(Locale.ROOT).split(";", 2);
      if (parts.length == 2 && parts[1].strip().matches("q=0(\\.0*)?")) {
        continue;
      }
      switch (parts[0].strip()) {
        case "gzip", "x-gzip", "*" -> {
          return GZIP;
        }
        case "deflate" -> best = DEFLATE;
        default -> {}
      }
    }
    return best;
  }

  String token() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The body in this coding; takes it over. */
  ByteBuf encode(ByteBuf body) {
    if (this == IDENTITY) {
      return body;
    }
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer(Math.max(256, body.readableBytes() / 4));
    boolean whole = false;
    try (OutputStream encoder = encoder(new ByteBufOutputStream(out))) {
      body.readBytes(encoder, body.readableBytes());
      whole = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has none
    } finally {
      body.release();
      if (!whole) {
        out.release();
      }
    }
    return out;
  }

  private OutputStream encoder(OutputStream out) throws IOException {
    return this == GZIP ? new GZIPOutputStream(out) : new DeflaterOutputStream(out);
  }
}
