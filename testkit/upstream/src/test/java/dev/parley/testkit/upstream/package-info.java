@NullMarked
package dev.parley.testkit.upstream;

import org.jspecify.annotations.NullMarked;
