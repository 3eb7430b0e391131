package dev.parley.wire.rest;

import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaJson;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.request.Names;
import dev.parley.conversation.request.PersonaViews;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.conversation.run.Roster;
import dev.parley.stream.Quotable;
import dev.parley.transport.HttpError;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Personas and providers. On event loops. */
final class PersonaRoutes {
  private static final String DEMONSTRATION = "scripted"; // the provider that has no model

  private final Roster roster;
  private final UnaryOperator<String> providerState;
  private final PersonaViews views;
  private final PersonaJson json = new PersonaJson();

  PersonaRoutes(Roster roster, UnaryOperator<String> providerState) {
    this.roster = roster;
    this.providerState = providerState;
    this.views = new PersonaViews(roster);
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/personas", this::all),
        Route.of("GET", "/api/personas/{persona}", this::get),
        Route.of("PUT", "/api/personas/{persona}", this::put),
        Route.of("GET", "/api/providers", this::providers));
  }

  private void all(Call call) {
    Replies.send(call.response(), 200, views.all(call.caller()));
  }

  private void get(Call call) {
    String id = call.name("persona");
    String version = call.query("version");
    Persona persona = null;
    if (Names.isName(id)) {
      persona =
          version == null
              ? roster.newest(id)
              : roster.persona(
                  new PersonaRef(id, (int) Call.number("version", version, 1, Integer.MAX_VALUE)));
    }
    if (persona == null) {
      throw new HttpError(404, "no_persona", "there is no such persona", false);
    }
    Replies.send(call.response(), 200, views.one(call.caller(), persona));
  }

  private void put(Call call) {
    if (!call.caller().mayAdministrate()) {
      throw RequestRefused.of(Refusal.FORBIDDEN, "the right admin on ** is needed");
    }
    String id = call.name("persona");
    ObjectNode body = (ObjectNode) call.body().node();
    if (body.has("id") && !body.path("id").asString("").equals(id)) {
      throw RequestRefused.badField("id: another (expected: " + Quotable.of(id) + ", or none)");
    }
    body.put("id", id);
    body.remove("version"); // it is given
    Persona draft = json.read(Json.write(body));
    if (roster.provider(draft) == null) {
      throw RequestRefused.badField(
          "provider: "
              + Quotable.of(draft.provider())
              + " (expected: one of "
              + String.join(", ", new TreeSet<>(roster.sources().keySet()))
              + ")");
    }
    Replies.then(
        call.response(),
        roster.put(draft),
        persona -> Replies.send(call.response(), 200, json.write(persona)));
  }

  private void providers(Call call) {
    ObjectNode answer = Json.object();
    ArrayNode array = answer.putArray("providers");
    boolean configured = false;
    for (String name : new TreeMap<>(roster.sources()).keySet()) {
      ObjectNode provider = array.addObject().put("name", name);
      ArrayNode models = provider.putArray("models");
      roster.all().stream()
          .filter(persona -> persona.provider().equals(name))
          .map(Persona::model)
          .distinct()
          .forEach(models::add);
      provider.put("state", providerState.apply(name));
      configured |= !name.equals(DEMONSTRATION);
    }
    Replies.send(call.response(), 200, answer.put("configured", configured));
  }
}
