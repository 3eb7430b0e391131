package dev.parley.conversation;

import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.util.List;

/** Where conversations and runs live among the streams. */
public final class ConversationPaths {
  /** Above all conversations. */
  public static final String PREFIX = "conversations/";

  /** Above all runs. */
  public static final String RUNS = "runs/";

  private ConversationPaths() {}

  /** The stream of a branch. */
  public static StreamPath branch(String conversation, String branch) {
    return StreamPath.of(
        PREFIX + Ids.chosen("conversation", conversation) + "/" + Ids.chosen("branch", branch));
  }

  /** The stream of what a run shows. */
  public static StreamPath run(String run) {
    return StreamPath.of(RUNS + Ids.chosen("run", run));
  }

  /** What the stream of a new branch is created as, its first messages aside. */
  public static StreamSpec.Fork fork(String conversation, Decision.Fork fork) {
    return new StreamSpec.Fork(
        branch(conversation, fork.source()), fork.offset(), 0, StreamSpec.Fork.Unit.MESSAGES);
  }

  /** Names of the branches among streams listed below {@link #PREFIX} and a conversation. */
  public static List<String> branches(String conversation, List<StreamPath> listed) {
    String prefix = PREFIX + conversation + "/";
    return listed.stream()
        .map(StreamPath::value)
        .filter(path -> path.startsWith(prefix))
        .map(path -> path.substring(prefix.length()))
        .filter(name -> name.indexOf('/') < 0)
        .toList();
  }
}
