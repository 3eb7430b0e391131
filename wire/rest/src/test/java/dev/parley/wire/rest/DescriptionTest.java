package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.FinishReason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The written interface is the one there is. */
final class DescriptionTest extends RestTest {
  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
  private final JsonNode openapi = read("openapi.yaml");
  private final JsonNode asyncapi = read("asyncapi.yaml");

  private static JsonNode read(String name) {
    return YAMLMapper.builder().build().readTree(Path.of(name));
  }

  @Test
  void eachRouteIsWrittenDownAndNothingElse() {
    Set<String> written = new TreeSet<>();
    openapi
        .path("paths")
        .forEachEntry((path, item) ->
            item.forEachEntry((method, _) -> {
              if (METHODS.contains(method)) {
                written.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path);
              }
            }));
    Set<String> there = new TreeSet<>();
    stage().wire.routes().forEach(route -> there.add(route.method() + " " + route.template()));
    assertThat(written).isEqualTo(there);
  }

  @Test
  void eachNameInAnAddressIsAParameterAndEachOperationHasItsOwnName() {
    List<String> operations = new ArrayList<>();
    openapi
        .path("paths")
        .forEachEntry((path, item) -> {
          Set<String> parameters = new TreeSet<>();
          for (JsonNode parameter : item.path("parameters")) {
            JsonNode it = resolve(openapi, parameter);
            assertThat(it.path("in").asString("")).isEqualTo("path");
            parameters.add(it.path("name").asString(""));
          }
          Set<String> names = new TreeSet<>();
          for (String segment : path.split("/", -1)) {
            if (segment.startsWith("{")) {
              names.add(segment.substring(1, segment.length() - 1));
            }
          }
          assertThat(parameters).describedAs(path).isEqualTo(names);
          item.forEachEntry((method, operation) -> {
            if (METHODS.contains(method)) {
              operations.add(operation.path("operationId").asString(""));
              assertThat(operation.path("responses").has("default")).isTrue();
            }
          });
        });
    assertThat(operations).doesNotHaveDuplicates().doesNotContain("");
  }

  @Test
  void eachReferenceLeadsSomewhere() {
    for (JsonNode document : List.of(openapi, asyncapi)) {
      assertThat(document.findValues("$ref")).isNotEmpty();
      for (JsonNode reference : document.findValues("$ref")) {
        assertThat(document.at(reference.asString("").substring(1)).isMissingNode())
            .describedAs(reference.asString(""))
            .isFalse();
      }
    }
  }

  @Test
  void theChannelsAreTheRoutesThatStream() {
    Set<String> channels = new TreeSet<>();
    for (JsonNode channel : asyncapi.path("channels")) {
      channels.add(channel.path("address").asString(""));
    }
    Set<String> streams = new TreeSet<>();
    openapi
        .path("paths")
        .forEachEntry((path, item) -> {
          if (item.at("/get/responses/200/content").has("text/event-stream")) {
            streams.add(path);
          }
        });
    assertThat(channels).isEqualTo(streams);
  }

  @Test
  void answersHaveWhatIsWrittenAndNothingElse() throws Exception {
    String room = sharedRoom();
    String run = ask(room, "hi");
    model.asked().says("x").calls(0, "c1", "buy", "{}").ends(FinishReason.TOOL_CALLS);
    ada().post(room + "/turns", "{\"text\":\"later\",\"clientMessageId\":\"m\"}").expect(202);
    org.awaitility.Awaitility.await()
        .until(() ->
            ada().get("/runs/" + run).json().path("state").asString("").startsWith("waiting"));
    fits(ada().get(room).json(), schema("Snapshot"), "snapshot");
    fits(ada().get("/runs/" + run).json(), schema("Run"), "run");
    fits(ben().get("/conversations").json().path("conversations").get(0), schema("Line"), "line");
    fits(ada().get("/personas/guide").json(), schema("Persona"), "persona");
    fits(ada().get("/usage?user=ada&persona=guide").json(), schema("Usage"), "usage");
    fits(ada().get("/conversations/none").json(), schema("Error"), "error");
  }

  private JsonNode schema(String name) {
    return openapi.path("components").path("schemas").path(name);
  }

  /** As far as members go: those that are required are there, and all that are there are known. */
  private void fits(JsonNode value, JsonNode schemaOrReference, String at) {
    JsonNode schema = resolve(openapi, schemaOrReference);
    if (schema.has("enum")) {
      assertThat(schema.path("enum")).describedAs(at).contains(value);
    }
    for (JsonNode item : value.isArray() ? value : Json.object()) {
      fits(item, schema.path("items"), at + "[]");
    }
    JsonNode properties = properties(schema);
    for (JsonNode required : schema.path("required")) {
      assertThat(value.has(required.asString(""))).describedAs(at + "." + required).isTrue();
    }
    if (value.isObject() && !properties.isEmpty()) {
      value.forEachEntry((key, member) -> {
        assertThat(properties.has(key) || at.endsWith("parts[]"))
            .describedAs(at + "." + key)
            .isTrue();
        fits(member, properties.path(key), at + "." + key);
      });
    }
  }

  private JsonNode properties(JsonNode schema) {
    var all = Json.object();
    for (JsonNode part : schema.path("allOf")) {
      properties(resolve(openapi, part)).forEachEntry(all::set);
    }
    schema.path("properties").forEachEntry(all::set);
    return all;
  }

  private static JsonNode resolve(JsonNode document, JsonNode it) {
    return it.has("$ref") ? document.at(it.path("$ref").asString("").substring(1)) : it;
  }
}
