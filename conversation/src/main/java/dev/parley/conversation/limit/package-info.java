/** How many replies of a provider run at once, and who is next when too many are wanted. */
@NullMarked
package dev.parley.conversation.limit;

import org.jspecify.annotations.NullMarked;
