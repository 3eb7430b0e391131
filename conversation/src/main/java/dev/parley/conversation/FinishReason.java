package dev.parley.conversation;

/** Why a model ended its reply. */
public enum FinishReason {
  /** It had said everything. */
  STOP,
  /** The limit of tokens was reached. */
  LENGTH,
  /** It wants tools called; a run ends so only when whoever asked calls them. */
  TOOL_CALLS,
  /** The provider filtered it. */
  FILTERED,
  /** Something this version does not know. */
  OTHER
}
