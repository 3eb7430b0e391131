package dev.parley.conversation;

/** Why a command was refused, as a number that stays the same, and whether to come back. */
public enum Refusal {
  /** There is none, or the one who asks is no member of it: the answer does not tell which. */
  NO_CONVERSATION(4001, false),
  CONVERSATION_EXISTS(4002, false),
  DELETED(4003, false),
  /** Archived: restore it first. */
  ARCHIVED(4004, false),
  /** The member's role does not allow it. */
  FORBIDDEN(4005, false),
  NO_MEMBER(4006, false),
  /** A conversation keeps an owner. */
  LAST_OWNER(4007, false),
  TOO_MANY_MEMBERS(4008, false),

  NO_BRANCH(4101, false),
  BRANCH_EXISTS(4102, false),
  TOO_MANY_BRANCHES(4103, false),
  NO_TURN(4104, false),
  TURN_EXISTS(4105, false),
  /** Only one's own turns are edited, and only replies regenerated. */
  NOT_THAT_TURN(4106, false),
  /** More parts or bytes than a turn may have, or none. */
  TURN_SIZE(4107, false),
  /** Beyond the end of the branch. */
  OFFSET(4108, false),

  NO_RUN(4201, false),
  RUN_EXISTS(4202, false),
  /** A reply runs in this branch: come back when it has ended. */
  RUN_ACTIVE(4203, true),
  /** Another run of this branch goes first. */
  NOT_NEXT(4204, true),
  QUEUE_FULL(4205, true),
  RUN_ENDED(4206, false),
  /** Not in the state the run is in. */
  RUN_STATE(4207, false),
  /** Somebody else generates this run: let go of it. */
  LEASE_LOST(4208, false),
  /** Somebody else generates this run and may live: come back when the lease has expired. */
  LEASE_HELD(4209, true),

  NO_CALL(4301, false),
  CALL_EXISTS(4302, false),
  CALL_SETTLED(4303, false),
  /** A person has to approve the call first. */
  CALL_UNAPPROVED(4304, true);

  private final int code;
  private final boolean retryable;

  Refusal(int code, boolean retryable) {
    this.code = code;
    this.retryable = retryable;
  }

  public int code() {
    return code;
  }

  public boolean retryable() {
    return retryable;
  }
}
