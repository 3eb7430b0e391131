/** What replies take and cost, and who may have another one. */
@NullMarked
package dev.parley.conversation.budget;

import org.jspecify.annotations.NullMarked;
