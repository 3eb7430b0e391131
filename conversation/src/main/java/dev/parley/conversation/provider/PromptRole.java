package dev.parley.conversation.provider;

/** Who speaks, as models know it. */
public enum PromptRole {
  SYSTEM,
  USER,
  ASSISTANT,
  TOOL
}
