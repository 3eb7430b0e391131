package dev.parley.wire.rest;

import dev.parley.conversation.run.Puppet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A stage with two personas whose model the test is, and Ada and Ben. */
@Timeout(60)
abstract class RestTest {
  final Puppet model = new Puppet();
  private final Stage.Setting setting = new Stage.Setting();
  private @org.jspecify.annotations.Nullable Stage opened;
  private int names;

  @BeforeEach
  void open() throws IOException {
    setting.providers = _ -> Map.of("puppet", model);
    setting.personas =
        List.of(
            Stage.persona(
                "guide",
                "puppet",
                new dev.parley.conversation.Persona.Tool("weather", "Weather.", "{}", false),
                new dev.parley.conversation.Persona.Tool("buy", "Buys.", "{}", true)),
            Stage.persona("poet", "puppet"));
    setting.runs = Stage.quickRuns();
    setting.rest = new RestConfig(Duration.ofMillis(400), 2 << 20);
    adjust(setting);
    opened = new Stage(setting);
  }

  /** What is different on this stage. */
  void adjust(Stage.Setting setting) {}

  /** Another life of the server, on the same store. */
  void restart() throws IOException {
    stage().stop();
    opened = new Stage(setting);
  }

  @AfterEach
  void close() {
    stage().close();
  }

  Stage stage() {
    return java.util.Objects.requireNonNull(opened);
  }

  Client ada() {
    return Client.person(stage(), "ada");
  }

  Client ben() {
    return Client.person(stage(), "ben");
  }

  /** A conversation of Ada's; its address. */
  String room() {
    String id = "room-" + ++names;
    ada().post("/conversations", "{\"id\":\"" + id + "\",\"title\":\"Plans\"}").expect(201);
    return "/conversations/" + id;
  }

  /** One that Ben may write in too. */
  String sharedRoom() {
    String room = room();
    ada().send("PUT", room + "/members/ben", "{\"role\":\"writer\"}").expect(204);
    return room;
  }

  /** Ada says something and wants a reply; the name of the run. */
  String ask(String room, String text) {
    return ada()
        .post(room + "/turns", "{\"text\":\"" + text + "\"}")
        .expect(202)
        .json()
        .path("run")
        .asString("");
  }
}
