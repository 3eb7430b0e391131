package dev.parley.stream;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a writer hands in for one message: bytes, optional headers, and the name of the key they are
 * sealed under when they are. The array is handed over: neither side changes it afterwards.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Payload(byte[] bytes, Map<String, String> headers, @Nullable String sealedUnder) {
  /** Most headers of one message. */
  public static final int MAX_HEADERS = 32;

  /** Most bytes of UTF-8 that all header names and values of a message have together. */
  public static final int MAX_HEADER_BYTES = 4096;

  /** Most characters of a key's name. */
  public static final int MAX_KEY_NAME = 256;

  public Payload {
    headers = Map.copyOf(headers);
    refuseHeaders(headers);
    if (sealedUnder != null && (sealedUnder.isEmpty() || sealedUnder.length() > MAX_KEY_NAME)) {
      throw new IllegalArgumentException(
          "key name: "
              + sealedUnder.length()
              + " characters (expected: 1 to "
              + MAX_KEY_NAME
              + ")");
    }
  }

  private static void refuseHeaders(Map<String, String> headers) {
    if (headers.size() > MAX_HEADERS) {
      throw new IllegalArgumentException(
          "headers: " + headers.size() + " (expected: <= " + MAX_HEADERS + ")");
    }
    int bytes = 0;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      bytes += Utf8.encode("header name", header.getKey()).remaining();
      bytes += Utf8.encode("header value", header.getValue()).remaining();
    }
    if (bytes > MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "headers: " + bytes + " bytes (expected: <= " + MAX_HEADER_BYTES + ")");
    }
  }

  public static Payload of(byte[] bytes) {
    return new Payload(bytes, Map.of(), null);
  }
}
