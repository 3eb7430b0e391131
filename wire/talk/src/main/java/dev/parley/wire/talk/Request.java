package dev.parley.wire.talk;

import dev.parley.conversation.request.Body;
import dev.parley.conversation.request.Names;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.socketio.Arguments;
import dev.parley.stream.Quotable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The arguments of a client's event: names, then an object that may be left out. Immutable. */
record Request(Arguments arguments) {
  /** Only so many. */
  Request only(int most) {
    if (arguments.size() > most) {
      throw RequestRefused.badField(
          "arguments: " + arguments.size() + " (expected: at most " + most + ")");
    }
    return this;
  }

  /**
   * @param what it names, for errors
   */
  String name(int index, String what) {
    JsonNode name = arguments.get(index, JsonNode.class);
    if (name == null || !name.isString()) {
      String found = name == null ? "nothing" : Quotable.of(name.toString());
      throw RequestRefused.badField(
          "argument " + (index + 1) + ": " + found + " (expected: the name of a " + what + ")");
    }
    return name.stringValue();
  }

  /** The conversation it is about, the first argument. */
  String conversation() {
    String conversation = name(0, "conversation");
    if (!Names.isName(conversation)) {
      throw RequestRefused.noConversation();
    }
    return conversation;
  }

  /** The last argument. */
  Body body(int index) {
    JsonNode body = only(index + 1).arguments.get(index, JsonNode.class);
    if (body == null || body.isNull()) {
      return new Body("", JsonNodeFactory.instance.objectNode());
    }
    if (!body.isObject()) {
      throw RequestRefused.badField(
          "argument "
              + (index + 1)
              + ": "
              + Quotable.of(body.toString())
              + " (expected: an object)");
    }
    return new Body("", body);
  }
}
