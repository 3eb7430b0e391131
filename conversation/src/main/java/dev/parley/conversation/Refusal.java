package dev.parley.conversation;

import java.util.Locale;

/** Why a command was refused, as a number that stays the same, and whether to come back. */
public enum Refusal {
  /** There is none, or the one who asks is no member of it: the answer does not tell which. */
  NO_CONVERSATION(4001, 404, false),
  CONVERSATION_EXISTS(4002, 409, false),
  DELETED(4003, 409, false),
  /** Archived: restore it first. */
  ARCHIVED(4004, 409, false),
  /** The member's role does not allow it. */
  FORBIDDEN(4005, 403, false),
  NO_MEMBER(4006, 404, false),
  /** A conversation keeps an owner. */
  LAST_OWNER(4007, 409, false),
  TOO_MANY_MEMBERS(4008, 409, false),

  NO_BRANCH(4101, 404, false),
  BRANCH_EXISTS(4102, 409, false),
  TOO_MANY_BRANCHES(4103, 409, false),
  NO_TURN(4104, 404, false),
  TURN_EXISTS(4105, 409, false),
  /** Only one's own turns are edited, and only replies regenerated. */
  NOT_THAT_TURN(4106, 409, false),
  /** More parts or bytes than a turn may have, or none. */
  TURN_SIZE(4107, 413, false),
  /** Beyond the end of the branch. */
  OFFSET(4108, 400, false),

  NO_RUN(4201, 404, false),
  RUN_EXISTS(4202, 409, false),
  /** A reply runs in this branch: come back when it has ended. */
  RUN_ACTIVE(4203, 409, true),
  /** Another run of this branch goes first. */
  NOT_NEXT(4204, 409, true),
  QUEUE_FULL(4205, 429, true),
  RUN_ENDED(4206, 409, false),
  /** Not in the state the run is in. */
  RUN_STATE(4207, 409, false),
  /** Somebody else generates this run: let go of it. */
  LEASE_LOST(4208, 409, false),
  /** Somebody else generates this run and may live: come back when the lease has expired. */
  LEASE_HELD(4209, 409, true),

  NO_CALL(4301, 404, false),
  CALL_EXISTS(4302, 409, false),
  CALL_SETTLED(4303, 409, false),
  /** A person has to approve the call first. */
  CALL_UNAPPROVED(4304, 409, true);

  private final int code;
  private final int status;
  private final boolean retryable;

  Refusal(int code, int status, boolean retryable) {
    this.code = code;
    this.status = status;
    this.retryable = retryable;
  }

  /** A stable name for clients. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public int code() {
    return code;
  }

  /** As HTTP says it. */
  public int status() {
    return status;
  }

  public boolean retryable() {
    return retryable;
  }
}
