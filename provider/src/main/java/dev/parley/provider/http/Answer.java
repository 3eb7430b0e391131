package dev.parley.provider.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/** Hears the answer to one request, on the request's loop; not again after it was cancelled. */
public interface Answer {
  void onHead(int status, HttpHeaders headers);

  /** A piece of the body, valid during the call. */
  void onBody(ByteBuf piece);

  /** Nothing more can be read for now: what was gathered should go on its way. */
  void onPause();

  /** The body is complete. Nothing follows. */
  void onEnd();

  /** There is no answer, or no more of it. Nothing follows. */
  void onBroken(Breakage breakage);
}
