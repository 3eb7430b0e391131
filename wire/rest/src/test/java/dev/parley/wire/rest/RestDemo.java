package dev.parley.wire.rest;

import dev.parley.conversation.Persona;
import dev.parley.provider.scripted.Demonstration;
import dev.parley.provider.scripted.Pace;
import dev.parley.provider.scripted.ScriptedProvider;
import dev.parley.transport.Errors;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Serves the wire and a folder of pages until it is killed, with a provider that has no model. */
final class RestDemo {
  private RestDemo() {}

  /** Arguments: a port, and a folder that is shown at {@code /}, or none. */
  public static void main(String[] arguments) throws Exception {
    var setting = new Stage.Setting();
    setting.port = Integer.parseInt(arguments[0]);
    if (arguments.length > 1) {
      Path folder = Path.of(arguments[1]).toRealPath();
      setting.elsewhere = (request, response) -> file(folder, request, response);
    }
    setting.providers =
        loops ->
            Map.of(
                "scripted",
                new ScriptedProvider(
                    "scripted", new Demonstration(), Pace.DEFAULT, () -> loops.group().next()));
    setting.personas =
        List.of(
            Stage.persona(
                "guide",
                "scripted",
                new Persona.Tool("weather", "The weather.", "{\"type\":\"object\"}", false),
                new Persona.Tool("buy", "Buys something.", "{\"type\":\"object\"}", true)),
            Stage.persona("poet", "scripted"));
    try (Stage stage = new Stage(setting)) {
      System.Logger log = System.getLogger(RestDemo.class.getName());
      log.log(System.Logger.Level.INFO, "http://localhost:{0}/", Integer.toString(stage.port()));
      Thread.currentThread().join();
    }
  }

  private static void file(Path folder, Request request, Response response) {
    String path = request.path();
    Path file = folder.resolve(path.substring(1) + (path.endsWith("/") ? "index.html" : ""));
    byte[] bytes = null;
    try {
      if (file.toRealPath().startsWith(folder)) {
        bytes = Files.readAllBytes(file);
      }
    } catch (IOException e) {
      // there is none
    }
    if (bytes == null) {
      Errors.send(response, 404, "not_found", "no such file", false);
      return;
    }
    String name = file.toString();
    String type =
        Map.of(
                "html", "text/html; charset=utf-8",
                "js", "text/javascript; charset=utf-8",
                "mjs", "text/javascript; charset=utf-8",
                "css", "text/css; charset=utf-8",
                "svg", "image/svg+xml",
                "json", "application/json")
            .getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
    response.headers().set("content-type", type);
    response.send(200, Unpooled.wrappedBuffer(bytes));
  }
}
