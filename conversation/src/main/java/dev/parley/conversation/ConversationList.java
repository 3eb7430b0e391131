package dev.parley.conversation;

import dev.parley.conversation.ConversationEvent.*;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The conversations of each person, with their last turn and how much is unread: a projection of
 * all branches' events, which can be thrown away and made again. Confined to its owner. Events of
 * one branch come in their order, as from the change feed; a fork's are its own alone.
 */
public final class ConversationList {
  /** Unread turns are counted up to here. */
  public static final int MAX_UNREAD = 999;

  private static final int PREVIEW = 200;

  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Map<String, Entry>> byPerson = new HashMap<>();

  /**
   * One line of the list.
   *
   * @param lastTurn what was said last in any branch, {@code null} before
   * @param unread turns of others since the person was last there, at most {@link #MAX_UNREAD}
   * @param atMillis when something last happened that people see
   */
  public record Line(
      String conversation,
      String title,
      boolean archived,
      Role role,
      @Nullable LastTurn lastTurn,
      int unread,
      long atMillis) {}

  /** The beginning of a turn's text, and whose it is. */
  public record LastTurn(
      String branch, String turn, Author author, boolean ai, String preview, long at) {}

  private record Member(Role role, long since) {}

  private record Said(long offset, long at, Author author) {}

  private static final class Entry {
    final String id;
    final Map<String, Member> members = new HashMap<>();
    final Map<String, Deque<Said>> said = new HashMap<>(); // by branch, the newest MAX_UNREAD
    final Map<String, Map<String, Long>> read = new HashMap<>(); // by branch and person
    String title = "";
    boolean archived;
    @Nullable LastTurn lastTurn;
    long at;

    Entry(String id) {
      this.id = id;
    }
  }

  /** Takes in an event of a branch's stream. */
  public void apply(String conversation, String branch, long offset, ConversationEvent event) {
    Entry entry = entries.computeIfAbsent(conversation, Entry::new);
    boolean main = branch.equals(Conversation.MAIN);
    switch (event) {
      case Created it when main -> {
        entry.title = it.title();
        entry.at = Math.max(entry.at, it.at());
        join(entry, it.by(), Role.OWNER, it.at());
      }
      case Renamed it when main -> entry.title = it.title();
      case Archived _ when main -> entry.archived = true;
      case Restored _ when main -> entry.archived = false;
      case Deleted _ when main -> {
        List.copyOf(entry.members.keySet()).forEach(person -> leave(entry, person));
        entry.said.clear();
        entry.lastTurn = null;
      }
      case MemberJoined it when main -> join(entry, it.person(), it.role(), it.at());
      case MemberLeft it when main -> leave(entry, it.person());
      case TurnAdded it -> said(entry, branch, offset, it);
      case ReadUpTo it -> read(entry, branch, it.person(), it.offset());
      case Created _, Renamed _, Archived _, Restored _, Deleted _ -> {}
      case MemberJoined _, MemberLeft _, BranchAdded _, BranchedOff _ -> {}
      case RunRequested _, RunStarted _, RunStreaming _, RunSteered _, RunLeased _ -> {}
      case RunStopped _, RunFinished _, RunFailed _ -> {}
      case ToolCalled _, ToolApproved _, ToolDenied _, ToolReturned _ -> {}
      case PersonaSwitched _, Unknown _ -> {}
    }
  }

  /**
   * The conversations that a person is a member of, the last active first.
   *
   * @param archived whether those that are archived are asked for, or the others
   */
  public List<Line> of(String person, boolean archived) {
    List<Line> lines = new ArrayList<>();
    for (Entry entry : byPerson.getOrDefault(person, Map.of()).values()) {
      Member member = entry.members.get(person);
      if (member != null && entry.archived == archived) {
        lines.add(
            new Line(
                entry.id,
                entry.title,
                archived,
                member.role(),
                entry.lastTurn,
                unread(entry, person, member.since()),
                entry.at));
      }
    }
    lines.sort(
        Comparator.comparingLong(Line::atMillis).reversed().thenComparing(Line::conversation));
    return lines;
  }

  /** It is gone with its streams; one of that name that comes later is another. */
  public void forget(String conversation) {
    Entry entry = entries.remove(conversation);
    if (entry != null) {
      List.copyOf(entry.members.keySet()).forEach(person -> leave(entry, person));
    }
  }

  private void join(Entry entry, String person, Role role, long at) {
    entry.members.merge(
        person, new Member(role, at), (was, is) -> new Member(is.role(), was.since()));
    byPerson.computeIfAbsent(person, _ -> new HashMap<>()).put(entry.id, entry);
  }

  private void leave(Entry entry, String person) {
    entry.members.remove(person);
    Map<String, Entry> own = byPerson.get(person);
    if (own != null && own.remove(entry.id) != null && own.isEmpty()) {
      byPerson.remove(person);
    }
  }

  /** Whoever speaks has read what is before. */
  private static void said(Entry entry, String branch, long offset, TurnAdded it) {
    Deque<Said> said = entry.said.computeIfAbsent(branch, _ -> new ArrayDeque<>());
    if (!said.isEmpty() && offset <= said.getLast().offset()) {
      return;
    }
    said.add(new Said(offset, it.at(), it.author()));
    if (said.size() > MAX_UNREAD) {
      said.remove();
    }
    if (it.author() instanceof Author.Person(String person)) {
      read(entry, branch, person, offset);
    }
    if (entry.lastTurn == null || it.at() >= entry.lastTurn.at()) {
      String text = new Turn(it.turn(), it.author(), it.ai(), it.parts(), null, offset, 0).text();
      entry.lastTurn =
          new LastTurn(branch, it.turn(), it.author(), it.ai(), preview(text), it.at());
    }
    entry.at = Math.max(entry.at, it.at());
  }

  private static void read(Entry entry, String branch, String person, long offset) {
    entry.read.computeIfAbsent(branch, _ -> new HashMap<>()).merge(person, offset, Math::max);
  }

  private static int unread(Entry entry, String person, long since) {
    int unread = 0;
    for (Map.Entry<String, Deque<Said>> branch : entry.said.entrySet()) {
      long read = entry.read.getOrDefault(branch.getKey(), Map.of()).getOrDefault(person, 0L);
      for (Said said : branch.getValue()) {
        if (said.offset() > read && said.at() >= since && !said.author().is(person)) {
          unread++;
        }
      }
    }
    return Math.min(unread, MAX_UNREAD);
  }

  private static String preview(String text) {
    if (text.length() <= PREVIEW) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(PREVIEW - 1)) ? PREVIEW - 1 : PREVIEW;
    return text.substring(0, end);
  }
}
