/** The default store: streams on a local disk, kept by an embedded RocksDB. */
@NullMarked
package dev.parley.backend.rocksdb;

import org.jspecify.annotations.NullMarked;
