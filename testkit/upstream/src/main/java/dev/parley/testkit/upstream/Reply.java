package dev.parley.testkit.upstream;

import dev.parley.testkit.upstream.Script.ToolCall;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A reply that is being said: reasoning, words, calls of tools, the end, in its script's pace and
 * with its script's fault. Confined to the connection's loop. Words that fell due while the loop
 * was late or the client did not read are made up for, each with the time it was really written.
 */
final class Reply extends Wheel.Timer {
  private static final Map<String, String> STREAM =
      Map.of("content-type", "text/event-stream; charset=utf-8", "cache-control", "no-cache");
  private static final byte[] GARBAGE = garbage();
  private static final int MAX_PIECE = 64 << 10;
  private static final int MAX_SPLIT = 40;
  private static final int ARGUMENTS_PIECE = 12; // characters
  private static final long HELD_NANOS = 1_000_000;
  private static final long CHATTER_NANOS = 50_000_000;
  private static final long FLOOD_BYTES = 1L << 30;

  private final Script script;
  private final Prompt prompt;
  private final Format format;
  private final Exchange exchange;
  private final Stats stats;
  private final RequestLog log;
  private final @Nullable Fault fault;
  private final List<ToolCall> calls;
  private final int start; // the number of the last word of the prefix
  private final int lastNumber;
  private final boolean endless;
  private final @Nullable SplittableRandom split;
  private final ByteBuf word = Unpooled.buffer(64);
  private int number;
  private int reasoned;
  private int call;
  private int argumentsAt = -1; // of the call; -1 before it has begun
  private long dueNanos;
  private long lastWriteNanos = -1;
  private long writtenBytes;
  private boolean opened;
  private boolean struck;
  private boolean chatters;
  private boolean closed;

  Reply(
      Script script, Prompt prompt, Format format, Exchange exchange, Stats stats, RequestLog log) {
    this.script = script;
    this.prompt = prompt;
    this.format = format;
    this.exchange = exchange;
    this.stats = stats;
    this.log = log;
    Trouble trouble = script.trouble();
    fault = trouble.fault();
    calls = prompt.toolResult() == null ? script.toolCalls() : List.of();
    start = script.prefix() == Script.Prefix.CONTINUE ? script.text().last(prompt.prefix()) : 0;
    number = start;
    endless = trouble.flood() == Trouble.Flood.BODY;
    int tokens = calls.isEmpty() ? script.tokens() : script.toolAfter();
    lastNumber =
        endless
            ? Token.MAX_NUMBER
            : (int) Math.min(Math.max(tokens, start), (long) start + prompt.maxTokens());
    Long seed = trouble.splitSeed();
    split = seed == null ? null : new SplittableRandom(seed);
  }

  void start() {
    stats.running.increment();
    exchange.onGone(this::onGone);
    if (script.trouble().stallsHead()) {
      return;
    }
    exchange.head(200, prompt.stream() ? STREAM : Router.JSON);
    exchange.flush();
    long now = System.nanoTime();
    dueNanos = now + script.firstNanos();
    if (!prompt.stream()) {
      dueNanos += (lastNumber - start) / script.burst() * script.intervalNanos();
    }
    exchange.connection.wheel.arm(this, dueNanos);
  }

  @Override
  void onTime(long nowNanos) {
    if (!exchange.isWritable()) {
      stats.held.increment();
      exchange.connection.wheel.arm(this, nowNanos + HELD_NANOS);
      return;
    }
    ByteBuf out = exchange.begin();
    if (chatters) {
      Format.write(out, ": alive\n\n");
      send(out);
      exchange.connection.wheel.arm(this, nowNanos + CHATTER_NANOS);
      return;
    }
    Fault.Kind end = prompt.stream() ? speak(out, nowNanos) : sayAll(out);
    send(out);
    if (end != null) {
      finish(end);
    } else if (closed) {
      exchange.end();
      over("finished");
      stats.finished.increment();
    } else {
      exchange.connection.wheel.arm(this, Math.max(dueNanos, nowNanos + 1));
    }
  }

  /** Writes everything that is due. @return the fault that ends the reply */
  private Fault.@Nullable Kind speak(ByteBuf out, long nowNanos) {
    int begin = out.readableBytes();
    do {
      for (int i = 0; i < script.burst() && !closed; i++) {
        Fault.Kind end = step(out);
        if (end != null) {
          return end;
        }
      }
      dueNanos += endless ? 0 : script.intervalNanos();
    } while (!closed && dueNanos <= nowNanos && out.readableBytes() - begin < MAX_PIECE);
    writtenBytes += out.readableBytes() - begin;
    return null;
  }

  private Fault.@Nullable Kind step(ByteBuf out) {
    boolean strikes = strikes();
    if (strikes && fault != null && fault.kind() != Fault.Kind.GARBAGE) {
      if (fault.kind() == Fault.Kind.ERROR) {
        format.error(out, "The model fell over.");
      }
      return fault.kind();
    }
    if (!opened) {
      opened = true;
      format.open(out);
      sayToolResult(out);
    }
    if (strikes) {
      struck = true;
      out.writeBytes(GARBAGE);
    }
    sayNext(out);
    if (isAtEnd() && !strikes()) {
      format.close(out, finishReason(), usage());
      format.done(out);
      if (script.trouble().twoDone()) {
        format.done(out);
      }
      closed = true;
    }
    return null;
  }

  private boolean strikes() {
    return fault != null
        && !struck
        && (opened
            ? fault.strikes(number, start) && saidReasoning()
            : fault.after() == 0 && (start == 0 || fault.again()));
  }

  private void sayToolResult(ByteBuf out) {
    if (prompt.toolResult() != null) {
      word.clear().writeCharSequence(toolAnswer(prompt.toolResult()), StandardCharsets.UTF_8);
      format.text(out, word);
    }
  }

  private static String toolAnswer(String result) {
    return Json.escape("The tool said: " + result + "\n");
  }

  private void sayNext(ByteBuf out) {
    if (!saidReasoning()) {
      word.clear();
      script.text().write(word, ++reasoned, stamp());
      format.reasoning(out, word);
    } else if (number < lastNumber || endless) {
      word.clear();
      number = number % Token.MAX_NUMBER + 1;
      script.text().write(word, number, stamp());
      format.text(out, word);
      stats.tokens.increment();
    } else if (call < calls.size()) {
      sayCall(out, calls.get(call));
    }
  }

  private long stamp() {
    lastWriteNanos = System.nanoTime();
    return lastWriteNanos;
  }

  private void sayCall(ByteBuf out, ToolCall made) {
    if (argumentsAt < 0) {
      format.toolCall(out, call, made);
      argumentsAt = 0;
      return;
    }
    String arguments = made.arguments();
    int end = Math.min(argumentsAt + ARGUMENTS_PIECE, arguments.length());
    if (end < arguments.length() && Character.isLowSurrogate(arguments.charAt(end))) {
      end++;
    }
    format.toolArguments(out, call, arguments.substring(argumentsAt, end));
    argumentsAt = end;
    if (argumentsAt == arguments.length()) {
      argumentsAt = -1;
      call++;
    }
  }

  private boolean saidReasoning() {
    return reasoned >= script.reasoning() || start > 0;
  }

  private boolean isAtEnd() {
    return saidReasoning()
        && number >= lastNumber
        && call >= calls.size()
        && !(endless && writtenBytes < FLOOD_BYTES);
  }

  private Finish finishReason() {
    if (script.finish() != null) {
      return script.finish();
    } else if (!calls.isEmpty()) {
      return Finish.TOOL_CALLS;
    }
    return lastNumber < script.tokens() ? Finish.LENGTH : Finish.STOP;
  }

  private Usage usage() {
    return new Usage(
        prompt.inputTokens(),
        Math.min(script.cached(), prompt.inputTokens()),
        number - start + reasoned);
  }

  /** Writes the reply in one piece, or the half of it before a fault. */
  private Fault.@Nullable Kind sayAll(ByteBuf out) {
    if (fault != null && (fault.kind() == Fault.Kind.STALL || fault.kind() == Fault.Kind.CHATTER)) {
      return Fault.Kind.STALL;
    }
    ByteBuf reasoning = Unpooled.buffer();
    while (!saidReasoning()) {
      script.text().write(reasoning, ++reasoned, stamp());
    }
    ByteBuf text = Unpooled.buffer();
    if (prompt.toolResult() != null) {
      Format.write(text, toolAnswer(prompt.toolResult()));
    }
    while (number < lastNumber) {
      script.text().write(text, ++number, stamp());
      stats.tokens.increment();
    }
    String whole =
        format.whole(
            reasoning.toString(StandardCharsets.UTF_8),
            text.toString(StandardCharsets.UTF_8),
            calls,
            finishReason(),
            usage());
    Format.write(out, fault == null ? whole : whole.substring(0, whole.length() / 2));
    if (fault != null && fault.kind() == Fault.Kind.GARBAGE) {
      out.writeBytes(GARBAGE);
      closed = true;
      return null;
    }
    closed = fault == null;
    return fault == null ? null : fault.kind();
  }

  /** Sends it as it is, or byte by byte, or in pieces of any size, each a chunk or frame alone. */
  private void send(ByteBuf out) {
    if (split == null) {
      exchange.write(out);
      exchange.flush();
      return;
    }
    ByteBuf body = exchange.body(out);
    boolean single = Long.valueOf(0).equals(script.trouble().splitSeed());
    while (body.isReadable()) {
      int size = single ? 1 : Math.min(body.readableBytes(), split.nextInt(1, MAX_SPLIT));
      exchange.write(exchange.begin().writeBytes(body, size));
      exchange.flush();
    }
    body.release();
  }

  private void finish(Fault.Kind end) {
    stats.faulted.increment();
    exchange.flushNow();
    switch (end) {
      case STALL -> {
        return; // until the client leaves
      }
      case CHATTER -> {
        chatters = true;
        exchange.connection.wheel.arm(this, System.nanoTime() + CHATTER_NANOS);
        return;
      }
      case CUT -> exchange.cut();
      case DIE -> {
        exchange.forget();
        exchange.connection.die();
      }
      case CLOSE, ERROR, GARBAGE -> exchange.end();
      case TRUNCATE -> exchange.truncate();
    }
    over(end.name());
  }

  private void over(String how) {
    stats.running.decrement();
    log.end(format.id, how.toLowerCase(Locale.ROOT), number - start);
  }

  private void onGone() {
    exchange.connection.wheel.cancel(this);
    if (exchange.connection.isEnded()) { // with another reply's fault
      stats.faulted.increment();
      over("died");
      return;
    }
    long now = System.nanoTime();
    stats.onLeft(
        new Stats.Left(
            format.id,
            script.tag(),
            prompt.user(),
            number - start,
            now,
            lastWriteNanos < 0 ? -1 : now - lastWriteNanos));
    over("left");
  }

  /** Neither JSON nor UTF-8. */
  private static byte[] garbage() {
    byte[] bytes =
        "data: {\"choices\":[{\"delta\":{\"content\":\"??\n\n".getBytes(StandardCharsets.US_ASCII);
    bytes[bytes.length - 4] = (byte) 0xc3;
    bytes[bytes.length - 3] = (byte) 0x28;
    return bytes;
  }
}
