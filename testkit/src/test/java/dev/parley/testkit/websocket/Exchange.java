package dev.parley.testkit.websocket;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One line of the table: what a client sends once the socket is open, and every frame it is
 * answered with. A value. After answers without a close the socket must still be open.
 *
 * @param section of the standard that decides
 * @param deflates whether permessage-deflate was agreed on
 * @param steps of which each awaits the answers of the one before
 */
record Exchange(String name, String section, boolean deflates, List<Step> steps) {
  /**
   * What is sent, and what is heard then. A value.
   *
   * @param sent each written to the connection by itself
   */
  record Step(List<byte[]> sent, List<String> answers) {
    private Step byteByByte() {
      List<byte[]> bytes = new ArrayList<>();
      for (byte[] piece : sent) {
        for (byte b : piece) {
          bytes.add(new byte[] {b});
        }
      }
      return new Step(bytes, answers);
    }
  }

  static Exchange of(String name, String section, byte[] sent, String... answers) {
    return new Exchange(name, section, false, List.of()).then(sent, answers);
  }

  static Exchange deflated(String name, String section, byte[] sent, String... answers) {
    return new Exchange(name, section, true, List.of()).then(sent, answers);
  }

  /** One step more. A message that comes with an error may lose its echo, so it goes before. */
  Exchange then(byte[] sent, String... answers) {
    Step last = new Step(List.of(sent), List.of(answers));
    return new Exchange(
        name, section, deflates, Stream.concat(steps.stream(), Stream.of(last)).toList());
  }

  /** The same, every byte written by itself. */
  Exchange byteByByte() {
    return new Exchange(
        name + ", byte by byte", section, deflates, steps.stream().map(Step::byteByByte).toList());
  }

  List<String> answers() {
    return steps.stream().flatMap(step -> step.answers().stream()).toList();
  }

  boolean ends() {
    return answers().stream().anyMatch(answer -> answer.startsWith("close"));
  }

  @Override
  public String toString() {
    return section + ": " + name;
  }
}
