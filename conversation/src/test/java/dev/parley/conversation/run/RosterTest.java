package dev.parley.conversation.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.provider.Parameters;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.Append;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Personas as a stream. */
@Timeout(60)
final class RosterTest {
  private final MemoryStore store = new MemoryStore();
  private final Hub hub =
      new Hub(store, StreamPolicies.uniform(StreamPolicy.DEFAULT), HubConfig.defaults());
  private final Roster roster = Roster.open(hub, Map.of());

  @AfterEach
  void close() {
    hub.close();
    store.close();
  }

  private static Persona guide(String prompt) {
    return new Persona(
        new PersonaRef("guide", 1), "Guide", prompt, "m", "p", Parameters.NONE, List.of(), null, 0);
  }

  @Test
  void aChangedPersonaIsAnotherVersionAndTheOldOneStays() {
    assertThat(Stage.get(roster.put(guide("a"))).ref().version()).isEqualTo(1);
    assertThat(Stage.get(roster.put(guide("b"))).ref().version()).isEqualTo(2);
    assertThat(Stage.get(roster.put(guide("b"))).ref().version()).isEqualTo(2);

    assertThat(roster.newest("guide")).extracting(Persona::prompt).isEqualTo("b");
    assertThat(roster.persona(new PersonaRef("guide", 1)))
        .extracting(Persona::prompt)
        .isEqualTo("a");
    assertThat(roster.newest("nobody")).isNull();
    assertThat(roster.all()).hasSize(1);
  }

  @Test
  void personasAreThereAfterARestart() {
    var _ = Stage.get(roster.put(guide("a")));
    var _ =
        Stage.get(
            hub.append(Roster.PATH, Append.of("{\"no\":1}".getBytes(StandardCharsets.UTF_8))));
    var _ = Stage.get(roster.put(guide("b")));

    Roster again = Roster.open(hub, Map.of());
    assertThat(again.newest("guide")).isEqualTo(roster.newest("guide"));
    assertThat(again.all().getFirst().prompt()).isEqualTo("b");
  }

  @Test
  void versionsThatAreMadeAtOnceAreAllKept() {
    List<CompletableFuture<Persona>> made = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      made.add(roster.put(guide("p" + i)));
    }
    assertThat(made.stream().map(each -> Stage.get(each).ref().version()).distinct().count())
        .isEqualTo(50);
  }
}
