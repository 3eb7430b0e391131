package dev.parley.conversation.request;

import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaJson;
import dev.parley.conversation.run.Roster;
import dev.parley.hub.Caller;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Personas as clients see them. Safe on any thread. */
public final class PersonaViews {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Roster roster;
  private final PersonaJson json = new PersonaJson();

  public PersonaViews(Roster roster) {
    this.roster = roster;
  }

  /** The newest version of each, and who answers if nobody is named. */
  public ObjectNode all(Caller caller) {
    List<Persona> personas = roster.all();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode array = answer.putArray("personas");
    personas.forEach(persona -> array.add(one(caller, persona)));
    if (!personas.isEmpty()) {
      answer.put("default", personas.getFirst().ref().id());
    }
    return answer;
  }

  /** How a persona is made is for those who make it. */
  public JsonNode one(Caller caller, Persona persona) {
    if (caller.mayAdministrate()) {
      return JSON.readTree(json.write(persona));
    }
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    shown
        .put("id", persona.ref().id())
        .put("version", persona.ref().version())
        .put("name", persona.name())
        .put("model", persona.model());
    if (persona.voice() != null) {
      shown.put("voice", persona.voice());
    }
    return shown;
  }
}
