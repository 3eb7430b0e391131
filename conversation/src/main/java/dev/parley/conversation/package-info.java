/**
 * Conversations as event-sourced state: {@link dev.parley.conversation.Command commands} are
 * checked against a {@link dev.parley.conversation.Conversation}, which answers with {@link
 * dev.parley.conversation.ConversationEvent events} or a numbered {@link
 * dev.parley.conversation.Refusal}. Nothing here reads a clock, a stream or a socket.
 */
@NullMarked
package dev.parley.conversation;

import org.jspecify.annotations.NullMarked;
