package dev.parley.wire.rest;

import dev.parley.conversation.Refusal;
import dev.parley.conversation.request.Body;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.transport.HttpError;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Names for what a request makes, out of its {@code Idempotency-Key}: when it is sent again, also
 * after a restart, it meets what it has made. Immutable.
 */
final class IdempotentNames {
  private final byte[] key; // of one caller, in one place: a conversation, a run, or all
  private final byte[] request; // what is asked under it

  private IdempotentNames(byte[] key, byte[] request) {
    this.key = key;
    this.request = request;
  }

  static IdempotentNames of(Call call, String key, Body body) {
    String place = call.names().getOrDefault("id", "") + '/' + call.names().getOrDefault("run", "");
    return new IdempotentNames(
        digest(bytes(call.asker().person()), bytes(place), bytes(key)),
        digest(bytes(call.request().path()), Json.write(body.node())));
  }

  /**
   * Adds names under these fields, which the body must leave out. The last of several differs by
   * request: another one under the same key finds the others taken and is refused.
   */
  Body into(Body body, String... fields) {
    for (String field : fields) {
      if (body.has(field)) {
        throw RequestRefused.badField(
            "idempotency-key: with " + field + " (expected: one of them, either makes it once)");
      }
    }
    ObjectNode named = (ObjectNode) body.node();
    for (int i = 0; i < fields.length; i++) {
      byte[] by = i > 0 && i == fields.length - 1 ? request : new byte[0];
      byte[] name = Arrays.copyOf(digest(key, bytes(fields[i]), by), 16);
      named.put(fields[i], Base64.getUrlEncoder().withoutPadding().encodeToString(name));
    }
    return body;
  }

  /** Another request under the same key finds the names taken. */
  static <T> CompletableFuture<T> checked(Call call, CompletableFuture<T> answer) {
    return call.idempotencyKey() == null
        ? answer
        : answer.exceptionallyCompose(failure -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          return CompletableFuture.failedFuture(
              cause instanceof RequestRefused refused && isTaken(refused.refusal())
                  ? usedBefore()
                  : failure);
        });
  }

  private static boolean isTaken(@Nullable Refusal refusal) {
    return refusal == Refusal.TURN_EXISTS
        || refusal == Refusal.BRANCH_EXISTS
        || refusal == Refusal.RUN_EXISTS;
  }

  static HttpError usedBefore() {
    return new HttpError(
        422,
        "idempotency_key_reused",
        "idempotency-key: used before, for something else (expected: a new one)",
        false);
  }

  /** Of parts that may have any length. */
  private static byte[] digest(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(ByteBuffer.allocate(4).putInt(part.length).flip());
        digest.update(part);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
