package dev.parley.wire.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that go over to another event loop while much is sent to them. */
@Timeout(120)
final class MoveTest {
  private static final int ROUNDS = 60;

  private final Trial.Settings settings = new Trial.Settings();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneThatUpgradesWhileItIsSentToHoldsNobodyUp(boolean recovers) throws InterruptedException {
    settings.window = recovers ? Duration.ofMinutes(2) : Duration.ZERO;
    settings.maxWaitingBytes = 64 << 20;
    try (Trial trial = new Trial(settings)) {
      Namespace other = trial.io.of("/other");
      BlockingQueue<Socket> connected = trial.connections("/");
      for (int round = 0; round < ROUNDS; round++) {
        TestClient client = trial.pollingClient();
        client.send("40").poll();
        assertThat(client.next()).startsWith("40{");
        client.send("40/other,").poll();
        assertThat(client.next()).startsWith("40/other,{");
        Socket socket = Trial.next(connected);
        AtomicBoolean over = new AtomicBoolean();
        Thread sender =
            Thread.ofPlatform()
                .start(() -> {
                  while (!over.get()) {
                    trial.io.main().to(socket.id()).asVolatile().emit("many");
                    socket.with().asVolatile().emit("one");
                    other.asVolatile().emit("other");
                  }
                });

        client.upgrade();
        over.set(true);
        sender.join();

        socket.emit("end");
        String packet;
        do {
          packet = client.next();
        } while (!packet.startsWith("42[\"end\""));
        client.close();
      }
    }
  }
}
