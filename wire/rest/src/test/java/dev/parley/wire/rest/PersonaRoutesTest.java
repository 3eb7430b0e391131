package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Personas and providers. */
final class PersonaRoutesTest extends RestTest {
  private static final String POET =
      "{\"name\":\"Poet\",\"model\":\"m2\",\"provider\":\"puppet\",\"prompt\":\"Rhyme.\"}";

  @Test
  void personasAreListedAndTheFirstIsTheDefault() {
    JsonNode all = ada().get("/personas").expect(200).json();
    assertThat(all.path("personas").size()).isEqualTo(2);
    assertThat(all.path("default").asString("")).isEqualTo("guide");
    assertThat(all.path("personas").get(0).path("tools").get(1).path("approval").asBoolean(false))
        .isTrue();
  }

  @Test
  void aChangeIsAnotherVersion() {
    JsonNode put = ada().send("PUT", "/personas/poet", POET).expect(200).json();
    assertThat(put.path("version").asInt(0)).isEqualTo(2);
    assertThat(ada().send("PUT", "/personas/poet", POET).json().path("version").asInt(0))
        .isEqualTo(2);
    assertThat(ada().get("/personas/poet").json()).isEqualTo(put);
    assertThat(ada().get("/personas/poet?version=1").json().path("prompt").asString(""))
        .isEqualTo("You are poet.");
    ada().get("/personas/poet?version=9").refused(404, "no_persona");
    ada().get("/personas/nobody").refused(404, "no_persona");
  }

  @Test
  void whatIsNoPersonaIsRefused() {
    for (String wrong :
        new String[] {
          "{}",
          POET.replace("puppet", "nowhere"),
          POET.replace("prompt", "promt"),
          POET.replace("{\"name\"", "{\"id\":\"other\",\"name\""),
          POET.replace("}", ",\"parameters\":{\"temperature\":-1}}")
        }) {
      ada().send("PUT", "/personas/poet", wrong).refused(400, "bad_field");
    }
    ada().send("PUT", "/personas/no%20name", POET).refused(400, "bad_field");
  }

  @Test
  void howTheyAreMadeIsForThoseWhoMakeThem() {
    Client ben = Client.token(stage(), "ben");
    assertThat(ben.get("/personas/guide").expect(200).json().toString())
        .isEqualTo("{\"id\":\"guide\",\"version\":1,\"name\":\"Guide\",\"model\":\"puppet-1\"}");
    assertThat(ben.get("/personas").expect(200).text()).doesNotContain("prompt");
    ben.send("PUT", "/personas/poet", POET).refused(403, "forbidden");
    Client.token(stage(), "admin").send("PUT", "/personas/poet", POET).expect(200);
  }

  @Test
  void providersAreNamedWithTheirModels() {
    assertThat(ada().get("/providers").expect(200).text())
        .isEqualTo(
            "{\"providers\":[{\"name\":\"puppet\",\"models\":[\"puppet-1\"],\"state\":\"ready\"}],"
                + "\"configured\":true}");
  }
}
