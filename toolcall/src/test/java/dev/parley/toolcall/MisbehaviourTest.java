package dev.parley.toolcall;

import static dev.parley.toolcall.ToolServer.answer;
import static dev.parley.toolcall.ToolServer.write;
import static dev.parley.toolcall.ToolServer.writeAndClose;
import static dev.parley.toolcall.ToolServer.writeAndHang;
import static dev.parley.toolcall.ToolServer.writeEndlessly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.conversation.run.ToolOutcome;
import dev.parley.conversation.run.ToolOutcome.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that hang, lie, babble or flood. Each call ends in a state that says so. */
final class MisbehaviourTest {
  private static final Duration SOON = Duration.ofMillis(300);
  private final Trial trial = new Trial();

  @AfterEach
  void close() throws Exception {
    trial.close();
  }

  // --- that hang

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\n\r\n{}",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n"
      })
  void aServerThatFallsSilentIsNotWaitedFor(String said) {
    ToolServer server = trial.server(writeAndHang(said));

    Trial.assertFailed(outcome(server, SOON), Reason.TIMEOUT);
    assertThat(server.asked()).as("sent once").hasSize(1);
    await().until(() -> server.open() == 0);
  }

  @Test
  void anAnswerThatDripsIsNotWaitedFor() {
    ToolServer server =
        trial.server((asked, connection) -> {
          write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").to(asked, connection);
          connection.setSoTimeout(20); // a drop each time nothing has come for so long
          while (true) {
            try {
              if (connection.getInputStream().read() < 0) {
                return;
              }
            } catch (java.net.SocketTimeoutException drop) {
              write("1\r\n \r\n").to(asked, connection);
            }
          }
        });

    Trial.assertFailed(outcome(server, SOON), Reason.TIMEOUT);
  }

  // --- that flood

  @Test
  void aGigabyteIsRefusedWhenItIsAnnounced() {
    ToolServer server =
        trial.server(writeAndHang("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n{"));

    Trial.assertFailed(outcome(server), Reason.TOO_LARGE);
    assertThat(server.asked()).hasSize(1);
    await().until(() -> server.open() == 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 500 Bad\r\ntransfer-encoding: chunked\r\n\r\n"
      })
  void anEndlessAnswerIsCutOff(String head) {
    ToolServer server = trial.server(writeEndlessly(head, "10\r\nhunter2 hunter2 \r\n"));

    Trial.assertFailed(outcome(server), Reason.TOO_LARGE);
    await().until(() -> server.open() == 0);
  }

  @Test
  void anAnswerThatEndsWithItsConnectionIsBoundedToo() {
    ToolServer server = trial.server(writeEndlessly("HTTP/1.1 200 OK\r\n\r\n", "hunter2 "));

    Trial.assertFailed(outcome(server), Reason.TOO_LARGE);
  }

  @Test
  void anAnswerMayBeAsLongAsIsAllowedAndNoLonger() {
    String longest = "\"" + "x".repeat((1 << 20) - 2) + "\"";
    ToolServer server = trial.server(answer(200, longest), answer(200, longest + " "));
    HttpToolBackend tools = trial.calling(server);

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Result(longest));
    Trial.assertFailed(tools.call(Trial.call("{}")).join(), Reason.TOO_LARGE);
  }

  /** What comes once, and what comes without end. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "|hunter2 ",
        "HTTP/1.1 200 |hunter2 ",
        "HTTP/1.1 200 OK\r\n|y: hunter2\r\n",
        "HTTP/1.1 200 OK\r\nx: |hunter2 ",
        "|HTTP/1.1 103 Early Hints\r\n\r\n"
      })
  void anEndlessBeginningIsCutOff(String said) {
    int once = said.indexOf('|');
    ToolServer server =
        trial.server(writeEndlessly(said.substring(0, once), said.substring(once + 1)));

    Trial.assertFailed(outcome(server), Reason.NOT_HTTP);
    await().until(() -> server.open() == 0);
  }

  // --- that lie

  @Test
  void anAnswerShorterThanAnnouncedIsALostConnection() {
    ToolServer server =
        trial.server(writeAndClose("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":1}"));

    Trial.assertFailed(outcome(server), Reason.UNAVAILABLE);
    assertThat(server.asked()).as("tried again").hasSize(4);
  }

  @Test
  void anAnswerLongerThanAnnouncedHurtsNoOtherCall() {
    ToolServer server =
        trial.server(
            write(
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"a\":1}"
                    + "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\"hunter2\""),
            answer(200, "2"),
            answer(200, "3"));
    HttpToolBackend tools = trial.calling(server);

    Trial.assertFailed(tools.call(Trial.call("{}")).join(), Reason.NOT_JSON);
    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Result("2"));
    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Result("3"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "content-length: hunter2\r\n",
        "content-length: -1\r\n",
        "content-length: 99999999999999999999999\r\n",
        "content-length: 2\r\ncontent-length: 3\r\n",
        "transfer-encoding: hunter2\r\ncontent-length: 7\r\n"
      })
  void aLengthThatIsNoneEndsTheCall(String header) {
    ToolServer server = trial.server(writeAndClose("HTTP/1.1 200 OK\r\n" + header + "\r\nhunter2"));

    ToolOutcome outcome = outcome(server, Duration.ofSeconds(5));

    assertThat(outcome).isInstanceOf(ToolOutcome.Failed.class);
    Trial.assertFailed(outcome, ((ToolOutcome.Failed) outcome).reason());
  }

  // --- that babble

  @ParameterizedTest
  @ValueSource(
      strings = {"hunter2 hunter2\r\n\r\n", "SSH-2.0-hunter2\r\n", "HTTP/1.1 hunter2\r\n\r\n"})
  void whatIsNotHttpIsNoAnswer(String garbage) {
    ToolServer server = trial.server(writeAndHang(garbage), answer(200, "2"));
    HttpToolBackend tools = trial.calling(server);

    Trial.assertFailed(tools.call(Trial.call("{}")).join(), Reason.NOT_HTTP);
    assertThat(server.asked()).as("not sent again").hasSize(1);
    await().until(() -> server.open() == 0);
    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Result("2"));
  }

  @Test
  void aStatusThatHttpDoesNotHaveIsNoAnswer() {
    Trial.assertFailed(outcome(trial.server(answer(999, "{}"))), Reason.NOT_HTTP);
  }

  @Test
  void aProtocolNobodyAskedForIsNoAnswer() {
    ToolServer server =
        trial.server(
            writeAndClose(
                "HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nhi"));

    assertThat(outcome(server)).isInstanceOf(ToolOutcome.Failed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hunter2",
        "<html>hunter2</html>",
        "{\"a\":\"hunter2",
        "{} {}",
        "{\"a\":1,}",
        "NaN",
        "\ufeff{}"
      })
  void whatIsNotJsonIsNoResult(String text) {
    ToolServer server = trial.server(answer(200, text));

    Trial.assertFailed(outcome(server), Reason.NOT_JSON);
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void whatIsNotUtf8IsNoResult() {
    byte[] head =
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] answer = new byte[head.length + 4];
    System.arraycopy(head, 0, answer, 0, head.length);
    System.arraycopy(new byte[] {'"', (byte) 0xc3, '(', '"'}, 0, answer, head.length, 4);

    Trial.assertFailed(outcome(trial.server(write(answer))), Reason.NOT_JSON);
  }

  @Test
  void aResultIsAsDeepAsIsAllowedAndNoDeeper() {
    String deepest = "[".repeat(64) + "]".repeat(64);
    ToolServer server = trial.server(answer(200, deepest), answer(200, "[" + deepest + "]"));
    HttpToolBackend tools = trial.calling(server);

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Result(deepest));
    Trial.assertFailed(tools.call(Trial.call("{}")).join(), Reason.NOT_JSON);
  }

  private ToolOutcome outcome(ToolServer server) {
    return outcome(server, Duration.ofSeconds(30));
  }

  private ToolOutcome outcome(ToolServer server, Duration timeout) {
    HttpToolBackend tools = trial.calling(Trial.config(server.uri(), timeout));
    ToolOutcome outcome = tools.call(Trial.call("{}")).join();
    assertThat(tools.stats().failed()).isEqualTo(1);
    return outcome;
  }
}
