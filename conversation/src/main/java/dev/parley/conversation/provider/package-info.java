/**
 * What a conversation asks of whatever answers: a {@link dev.parley.conversation.provider.Provider}
 * takes a {@link dev.parley.conversation.provider.Prompt} and delivers a reply piece by piece.
 * Knows no wire and no network.
 */
@NullMarked
package dev.parley.conversation.provider;

import org.jspecify.annotations.NullMarked;
