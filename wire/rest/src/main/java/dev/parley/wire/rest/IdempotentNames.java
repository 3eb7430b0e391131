package dev.parley.wire.rest;

import dev.parley.conversation.Conversation;
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
 *
 * <p>Nothing is kept of a key but these names. Conversations, branches and turns have that of the
 * key, so another request under it finds them taken; runs and messages that of the request, which
 * begins with the key's: by theirs the same request is known again, and another one seen.
 */
final class IdempotentNames {
  private final String key; // of one caller, in one place: a conversation, a run, or all
  private final String request; // what is asked under it

  private IdempotentNames(String key, String request) {
    this.key = key;
    this.request = request;
  }

  static IdempotentNames of(Call call, String key, Body body) {
    String place = call.names().getOrDefault("id", "") + '/' + call.names().getOrDefault("run", "");
    String name = name(bytes(call.asker().person()), bytes(place), bytes(key));
    return new IdempotentNames(
        name, name + name(bytes(call.request().path()), Json.write(body.node())));
  }

  /** Adds names under these fields, which the body must leave out. */
  Body into(Body body, String... fields) {
    ObjectNode named = (ObjectNode) body.node();
    for (String field : fields) {
      if (body.has(field)) {
        throw RequestRefused.badField(
            "idempotency-key: with " + field + " (expected: one of them, either makes it once)");
      }
      boolean ofRequest = field.equals("run") || field.equals("clientMessageId");
      named.put(field, ofRequest ? request : key);
    }
    return body;
  }

  /** Refuses it when another request used the key and has left no name that it finds taken. */
  Body unlessReused(Conversation conversation, Body named) {
    boolean another =
        conversation.runs().keySet().stream()
            .anyMatch(run -> run.startsWith(key) && !run.equals(request));
    if (another || (!named.has("turn") && conversation.hasTurn(key))) {
      throw usedBefore();
    }
    return named;
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
  private static String name(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(ByteBuffer.allocate(4).putInt(part.length).flip());
        digest.update(part);
      }
      byte[] name = Arrays.copyOf(digest.digest(), 16);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
