package dev.parley.conversation.request;

import dev.parley.stream.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Joins messages of a run that carry the words of one part, as {@code {"text":"…"}}: what is
 * between the quotes is put together as it stands, nothing is parsed. Stateless.
 */
public final class Words {
  private static final byte[] TEXT = "{\"text\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] REASONING = "{\"reasoning\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CALL = "{\"call\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ARGUMENTS = ",\"arguments\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final int END = 2; // "}

  private Words() {}

  /** Where the messages end that can be joined with the one at {@code from}; itself at least. */
  public static int endOfRun(List<Message> messages, int from) {
    byte[] first = messages.get(from).bytes();
    int head = head(first);
    int to = from + 1;
    if (head > 0) {
      while (to < messages.size() && hasHead(messages.get(to).bytes(), first, head)) {
        to++;
      }
    }
    return to;
  }

  /** Takes bytes, one piece after the other. */
  @FunctionalInterface
  public interface Out {
    void write(byte[] bytes, int from, int length);
  }

  /** A run of messages that {@link #endOfRun} gave, as one. */
  public static void writeJoined(List<Message> run, Out out) {
    byte[] first = run.getFirst().bytes();
    int head = head(first);
    out.write(first, 0, first.length - END);
    for (Message message : run.subList(1, run.size())) {
      byte[] bytes = message.bytes();
      out.write(bytes, head, bytes.length - head - END);
    }
    out.write(first, first.length - END, END);
  }

  private static boolean hasHead(byte[] message, byte[] first, int head) {
    return message.length >= head + END
        && Arrays.equals(message, 0, head, first, 0, head)
        && endsAfterText(message, head);
  }

  /**
   * How long what comes before the words is; 0 when the message carries none, or more than them.
   */
  private static int head(byte[] message) {
    int head = 0;
    if (startsWith(message, 0, TEXT)) {
      head = TEXT.length;
    } else if (startsWith(message, 0, REASONING)) {
      head = REASONING.length;
    } else if (startsWith(message, 0, CALL)) {
      int digits = CALL.length;
      while (digits < message.length && message[digits] >= '0' && message[digits] <= '9') {
        digits++;
      }
      head = startsWith(message, digits, ARGUMENTS) ? digits + ARGUMENTS.length : 0;
    }
    return head > 0 && endsAfterText(message, head) ? head : 0;
  }

  /** Whether the string that begins there is the last of the object. */
  private static boolean endsAfterText(byte[] message, int from) {
    int end = message.length - END;
    for (int i = from; i < end; i++) {
      if (message[i] == '\\') {
        i++;
      } else if (message[i] == '"' || (message[i] >= 0 && message[i] < ' ')) {
        return false;
      }
      if (i >= end) {
        return false; // what looked like its end is escaped
      }
    }
    return end >= from && message[end] == '"' && message[end + 1] == '}';
  }

  private static boolean startsWith(byte[] message, int at, byte[] prefix) {
    return message.length >= at + prefix.length
        && Arrays.equals(message, at, at + prefix.length, prefix, 0, prefix.length);
  }
}
