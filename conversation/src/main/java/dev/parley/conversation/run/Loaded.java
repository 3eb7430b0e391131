package dev.parley.conversation.run;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.EventJson;
import dev.parley.conversation.Run;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Delta;
import dev.parley.hub.Hub;
import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A conversation as its streams tell it.
 *
 * @param shown by run: what those have said since their last turn whose owner is gone
 */
record Loaded(Conversation state, Map<String, List<TurnPart>> shown) {
  private static final int PAGE = 1000;

  /**
   * Reads it. Blocks.
   *
   * @param owner whoever else holds a lease is gone
   */
  static Loaded read(
      Hub hub,
      EventJson json,
      ConversationLimits limits,
      String conversation,
      String owner,
      long nowMillis) {
    Conversation state = new Conversation(limits);
    Map<String, StreamInfo> branches = branches(hub, conversation);
    Set<String> done = new HashSet<>();
    for (String branch : branches.keySet()) {
      load(hub, json, state, conversation, branch, branches, done);
    }
    Map<String, List<TurnPart>> shown = new HashMap<>();
    for (Run run : state.abandoned(nowMillis, other -> !other.equals(owner))) {
      shown.put(run.id(), shown(hub, run));
    }
    return new Loaded(state, shown);
  }

  private static Map<String, StreamInfo> branches(Hub hub, String conversation) {
    Map<String, StreamInfo> branches = new HashMap<>();
    String prefix = ConversationPaths.PREFIX + conversation + "/";
    String after = "";
    List<StreamInfo> page;
    do {
      page = hub.store().list(prefix, after, PAGE).join();
      Map<StreamPath, StreamInfo> byPath = new HashMap<>();
      page.forEach(info -> byPath.put(info.path(), info));
      for (String branch : ConversationPaths.branches(conversation, List.copyOf(byPath.keySet()))) {
        branches.put(branch, byPath.get(StreamPath.of(prefix + branch)));
      }
      after = page.isEmpty() ? "" : page.getLast().path().value();
    } while (page.size() == PAGE);
    return branches;
  }

  /** A source goes before its forks. */
  private static void load(
      Hub hub,
      EventJson json,
      Conversation state,
      String conversation,
      String branch,
      Map<String, StreamInfo> branches,
      Set<String> done) {
    StreamInfo info = branches.get(branch);
    if (info == null || !done.add(branch)) {
      return;
    }
    long after = 0;
    var fork = info.fork();
    if (fork != null) {
      String source = fork.source().value();
      String prefix = ConversationPaths.PREFIX + conversation + "/";
      if (source.startsWith(prefix)) {
        load(hub, json, state, conversation, source.substring(prefix.length()), branches, done);
      }
      after = fork.offset();
    }
    hub.readAll(
        info.path(), after, message -> state.apply(branch, message.offset(), event(json, message)));
  }

  /** Somebody with the right to append may have written what is none. */
  private static ConversationEvent event(EventJson json, Message message) {
    try {
      return json.read(message.bytes());
    } catch (IllegalArgumentException e) {
      return new ConversationEvent.Unknown(
          "", new String(message.bytes(), StandardCharsets.UTF_8), message.timestamp());
    }
  }

  /** What a run has shown since its last turn; half a call of a tool is not worth keeping. */
  private static List<TurnPart> shown(Hub hub, Run run) {
    Draft draft = new Draft();
    String turn = run.nextTurn();
    boolean[] current = {false};
    hub.readAll(
        ConversationPaths.run(run.id()),
        0,
        message -> {
          JsonNode node = tree(message);
          if (node.path("turn").isString()) {
            current[0] = node.path("turn").stringValue().equals(turn);
          } else if (current[0] && node.path("text").isString()) {
            draft.add(new Delta.Text(node.path("text").stringValue()));
          } else if (current[0] && node.path("reasoning").isString()) {
            draft.add(new Delta.Reasoning(node.path("reasoning").stringValue()));
          }
        });
    return draft.parts();
  }

  /** Somebody with the right to append may have written what is none. */
  private static JsonNode tree(Message message) {
    try {
      return RunJson.read(message.bytes());
    } catch (JacksonException e) {
      return MissingNode.getInstance();
    }
  }
}
