package dev.parley.conversation;

import dev.parley.conversation.Decision.Refused;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who may do what to a conversation as a whole. Confined to the owner of the conversation. */
final class ConversationRules extends Rules {
  private static final Decision.Unchanged UNCHANGED = new Decision.Unchanged(null, null);

  ConversationRules(Conversation conversation, ConversationLimits limits, long nowMillis) {
    super(conversation, limits, nowMillis);
  }

  Decision decide(Command.OfConversation command) {
    return switch (command) {
      case Command.Create it -> create(it);
      case Command.Rename it ->
          change(
              it.by(),
              Role.WRITER,
              !it.title().equals(conversation.title()),
              new ConversationEvent.Renamed(it.title(), it.by(), now));
      case Command.Archive it ->
          change(
              it.by(),
              Role.OWNER,
              !conversation.archived(),
              new ConversationEvent.Archived(it.by(), now));
      case Command.Restore it ->
          change(
              it.by(),
              Role.OWNER,
              conversation.archived(),
              new ConversationEvent.Restored(it.by(), now));
      case Command.Delete it ->
          change(it.by(), Role.OWNER, true, new ConversationEvent.Deleted(it.by(), now));
      case Command.AddMember it -> addMember(it);
      case Command.RemoveMember it -> removeMember(it);
    };
  }

  private Decision create(Command.Create it) {
    if (conversation.deletedBy() != null) {
      return refuse(Refusal.DELETED, "conversation: deleted", "a new name");
    }
    if (conversation.exists()) {
      return refuse(
          Refusal.CONVERSATION_EXISTS,
          "conversation: " + it.conversation() + " is there",
          "a new name");
    }
    return new Decision.Accepted(
        Conversation.MAIN,
        0,
        null,
        List.of(
            new ConversationEvent.Created(
                it.conversation(), it.by(), it.title(), it.persona(), now)),
        null);
  }

  private Decision change(String by, Role role, boolean changes, ConversationEvent event) {
    Refused refused = refuseMember(by, role);
    if (refused != null) {
      return refused;
    }
    return changes ? inMain(event) : UNCHANGED;
  }

  private Decision addMember(Command.AddMember it) {
    Refused refused = refuseMember(it.by(), Role.OWNER);
    if (refused != null) {
      return refused;
    }
    Role had = conversation.members().get(it.person());
    if (had == it.role()) {
      return UNCHANGED;
    }
    if (had == null && conversation.members().size() >= limits.maxMembers()) {
      return refuse(
          Refusal.TOO_MANY_MEMBERS,
          "members: " + conversation.members().size(),
          "< " + limits.maxMembers());
    }
    refused = refuseLastOwner(had);
    return refused != null
        ? refused
        : inMain(new ConversationEvent.MemberJoined(it.person(), it.role(), it.by(), now));
  }

  private Decision removeMember(Command.RemoveMember it) {
    Role needed = it.by().equals(it.person()) ? Role.READER : Role.OWNER;
    Refused refused = refuseMember(it.by(), needed);
    if (refused != null) {
      return refused;
    }
    Role had = conversation.members().get(it.person());
    if (had == null) {
      return refuse(Refusal.NO_MEMBER, "person: " + Ids.quoted(it.person()), "a member");
    }
    refused = refuseLastOwner(had);
    return refused != null
        ? refused
        : inMain(new ConversationEvent.MemberLeft(it.person(), it.by(), now));
  }

  private @Nullable Refused refuseLastOwner(@Nullable Role had) {
    boolean last =
        had == Role.OWNER
            && conversation.members().values().stream().filter(r -> r == Role.OWNER).count() == 1;
    return last
        ? refuse(Refusal.LAST_OWNER, "owners: none left", "another one, or delete it")
        : null;
  }

  private Decision inMain(ConversationEvent event) {
    Branch main = conversation.branch(Conversation.MAIN);
    return main == null ? noBranch(Conversation.MAIN) : append(main, event);
  }
}
