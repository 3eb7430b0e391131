package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Providers and personas in the configuration. */
final class AnsweringConfigTest {
  private static ServerConfig config(String... keysAndValues) {
    List<Setting> settings = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.add(new Setting(keysAndValues[i], keysAndValues[i + 1], "test"));
    }
    return Configuration.load(null, Map.of(), settings).config();
  }

  @Test
  void aProviderAndAPersonaAreSetByTheirKeys() {
    ServerConfig config =
        config(
            "providers[0].name", "model",
            "providers[0].dialect", "openai-compatible",
            "providers[0].url", "http://localhost:9/v1",
            "providers[0].running", "7",
            "personas[0].id", "guide",
            "personas[0].model", "m",
            "personas[0].provider", "model",
            "personas[0].parameters", "{\"temperature\":0.5}",
            "personas[0].tools", "[{\"name\":\"buy\",\"approval\":true}]");

    assertThat(config.providers().getFirst().slots().running()).isEqualTo(7);
    assertThat(config.providers().getFirst().slots().runningPerUser()).isEqualTo(7);
    assertThat(config.personas().getFirst().persona().parameters().temperature()).isEqualTo(0.5);
    assertThat(config.personas().getFirst().persona().tools().getFirst().needsApproval()).isTrue();
    assertThat(config.personas().getFirst().persona().name()).isEqualTo("guide");
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> config("providers[0].name", "model"))
        .hasMessageContaining("url: null (expected: an address)");
    assertThatThrownBy(() ->
            config(
                "providers[0].name", "model",
                "providers[0].url", "http://localhost:9",
                "providers[0].running", "0"))
        .hasMessageContaining("running: 0 (expected: >= 1)");
    assertThatThrownBy(() -> config("providers[0].url", "http://localhost:9"))
        .hasMessageContaining("providers[].name: none");
    assertThatThrownBy(() -> config("personas[0].id", "a b", "personas[0].model", "m"))
        .hasMessageContaining("persona.id");
    assertThatThrownBy(
            () -> config("personas[0].id", "guide", "personas[0].parameters", "{\"temperature\""))
        .hasMessageContaining("expected: JSON");
  }
}
