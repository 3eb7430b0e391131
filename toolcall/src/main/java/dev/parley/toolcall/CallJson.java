package dev.parley.toolcall;

import dev.parley.conversation.run.ToolCall;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Calls as bodies of requests, and bodies of answers as results. Safe on any thread. */
final class CallJson {
  static final int DEEPEST = 64;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .build();

  private CallJson() {}

  /** What was expected is not there. */
  static final class NotJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    NotJsonException() {
      super("not JSON", null, false, false); // Jackson's message would quote it
    }
  }

  /**
   * The name of a call wherever it is known, of one form and length whatever a model calls it. It
   * has the conversation in it, as clients choose the names of runs: nobody can name a run so that
   * a tool answers with what it did for somebody else.
   */
  static String id(ToolCall call) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : new String[] {call.conversation(), call.run(), call.callId()}) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
        digest.update(bytes);
      }
      return "call_" + Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /**
   * The body of a request: the same bytes whenever the call is made again, by whichever process.
   *
   * @throws NotJsonException when the arguments are no JSON object
   */
  static byte[] encode(String id, ToolCall call) throws NotJsonException {
    String arguments = call.argumentsJson().isBlank() ? "{}" : call.argumentsJson();
    if (rootOf(arguments) != JsonToken.START_OBJECT) {
      throw new NotJsonException();
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream(256 + arguments.length());
    try (JsonGenerator out =
        JSON.createGenerator(ObjectWriteContext.empty(), body, JsonEncoding.UTF8)) {
      out.writeStartObject();
      out.writeStringProperty("id", id);
      out.writeStringProperty("kind", "tool");
      out.writeStringProperty("conversation", call.conversation());
      out.writeStringProperty("run", call.run());
      out.writeStringProperty("call", call.callId());
      out.writeStringProperty("name", call.name());
      out.writeName("arguments");
      out.writeRawValue(arguments);
      out.writeStringProperty("person", call.person());
      out.writeObjectPropertyStart("persona");
      out.writeStringProperty("id", call.persona().id());
      out.writeNumberProperty("version", call.persona().version());
      out.writeEndObject();
      out.writeEndObject();
    } catch (JacksonException e) {
      throw new NotJsonException(); // half of a surrogate pair, which UTF-8 does not have
    }
    return body.toByteArray();
  }

  /**
   * The body of an answer, as it came.
   *
   * @throws NotJsonException when it is not one JSON value in UTF-8
   */
  static String decode(byte[] body) throws NotJsonException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new NotJsonException();
    }
    var _ = rootOf(text); // which checks
    return text;
  }

  /** What kind of value a text is; exactly one, and nothing else. */
  private static JsonToken rootOf(String text) throws NotJsonException {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      JsonToken root = parser.nextToken();
      if (root == null) {
        throw new NotJsonException();
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        throw new NotJsonException();
      }
      return root;
    } catch (JacksonException e) {
      throw new NotJsonException();
    }
  }
}
