package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;

/** Sends errors in the one shape every wire uses. */
public final class Errors {
  private Errors() {}

  /**
   * Answers with {@code {"error":{"code","message","retry"}}} and ends the response.
   *
   * @param code a stable name for programs, such as {@code body_too_large}
   * @param message a sentence for people
   * @param retry whether the same request may succeed later
   */
  public static void send(
      Response response, int status, String code, String message, boolean retry) {
    send(response, status, code, 0, message, retry);
  }

  /**
   * The same with a number after the code, which stays the same too.
   *
   * @param number 0 for none
   */
  public static void send(
      Response response, int status, String code, int number, String message, boolean retry) {
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, ErrorBody.CONTENT_TYPE);
    response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
    response.send(status, body(new ErrorBody(code, number, message, retry)));
  }

  /** The JSON of an error, for answers that are not sent with {@link #send}. */
  public static ByteBuf body(String code, String message, boolean retry) {
    return body(new ErrorBody(code, 0, message, retry));
  }

  private static ByteBuf body(ErrorBody error) {
    return ByteBufUtil.writeUtf8(ByteBufAllocator.DEFAULT, error.toJson());
  }
}
