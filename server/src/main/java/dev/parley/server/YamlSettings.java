package dev.parley.server;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a YAML file into settings that know their line and column. Used by one thread. */
final class YamlSettings {
  private static final int MOST = 10_000; // settings in one file
  private static final int DEEPEST = 16;

  private final String file;
  private final List<Setting> settings = new ArrayList<>();
  private final Map<String, String> seen = new HashMap<>();

  private YamlSettings(String file) {
    this.file = file;
  }

  static List<Setting> read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException("--config: " + file + " (expected: a file that exists)");
    } catch (CharacterCodingException e) {
      throw new ConfigException("--config: " + file + " (expected: a file in UTF-8)");
    } catch (IOException e) {
      throw new ConfigException(
          "--config: " + file + " (expected: a readable UTF-8 file; " + e.getMessage() + ")");
    }
    return parse(file.toString(), text);
  }

  static List<Setting> parse(String name, String text) {
    YamlSettings reader = new YamlSettings(name);
    try (JsonParser parser = new YAMLMapper().createParser(text)) {
      JsonToken token = parser.nextToken();
      if (token == null || token == JsonToken.VALUE_NULL) {
        return List.of();
      }
      if (token != JsonToken.START_OBJECT) {
        throw new ConfigException(name + ": the file is no map (expected: keys and values)");
      }
      reader.map(parser, "", 0);
      return reader.settings;
    } catch (JacksonException e) {
      throw new ConfigException(
          reader.at(e.getLocation()) + ": no valid YAML: " + said(e.getOriginalMessage()));
    }
  }

  private void map(JsonParser parser, String prefix, int depth) {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = prefix.isEmpty() ? parser.currentName() : prefix + "." + parser.currentName();
      String source = at(parser.currentTokenLocation());
      parser.nextToken();
      value(parser, key, source, depth + 1);
    }
  }

  private void value(JsonParser parser, String key, String source, int depth) {
    if (depth > DEEPEST || settings.size() > MOST) {
      throw new ConfigException(
          source + ": " + key + " (expected: at most " + MOST + " values, " + DEEPEST + " deep)");
    }
    switch (parser.currentToken()) {
      case START_OBJECT -> map(parser, key, depth);
      case START_ARRAY -> {
        int i = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          value(parser, key + "[" + i++ + "]", at(parser.currentTokenLocation()), depth + 1);
        }
        if (i == 0) {
          add(key, "", source);
        }
      }
      case VALUE_NULL -> add(key, "", source);
      default -> add(key, parser.getString(), source);
    }
  }

  private void add(String key, String value, String source) {
    String before = seen.putIfAbsent(key, source);
    if (before != null) {
      throw new ConfigException(source + ": " + key + " was set before, at " + before);
    }
    settings.add(new Setting(key, value, source));
  }

  private String at(TokenStreamLocation location) {
    return location == null
        ? file
        : file + ":" + location.getLineNr() + ":" + location.getColumnNr();
  }

  /**
   * What the parser was at and what it met; between the two it draws the line, in lines indented.
   */
  private static String said(String message) {
    return message
        .lines()
        .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
        .collect(Collectors.joining(", "));
  }
}
