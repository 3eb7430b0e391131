package dev.parley.backend.rocksdb;

import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.HashSkipListMemTableConfig;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.WALRecoveryMode;

/** How RocksDB is set up, and why. Owned by the {@link Database}, closed after its handle. */
final class RocksOptions implements AutoCloseable {
  private static final int LEVEL0_STOP = 36; // RocksDB's own default

  private final Cache cache;
  private final BloomFilter filter = new BloomFilter(10);
  private final BackgroundFailure failure = new BackgroundFailure();
  private final DBOptions database;
  private final List<ColumnFamilyOptions> options = new ArrayList<>();
  private final List<ColumnFamilyDescriptor> families = new ArrayList<>();

  RocksOptions(RocksConfig config) {
    this.cache = new LRUCache(config.blockCacheBytes());
    this.database =
        new DBOptions()
            .setMaxOpenFiles(512)
            .setMaxBackgroundJobs(2)
            // What a start has to replay after a crash: bounded, whatever the amount of data.
            .setMaxTotalWalSize(2 * config.writeBufferBytes())
            .setAvoidFlushDuringRecovery(true)
            .setSkipStatsUpdateOnDbOpen(true)
            // A power cut tears the last record, which nobody was told of. Damage anywhere before
            // it refuses to open, where RocksDB's default would silently drop all that follows.
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
            // There is one writer, and hash memtables take no more.
            .setAllowConcurrentMemtableWrite(false)
            .setListeners(List.of(failure))
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setMaxLogFileSize(1 << 20)
            .setKeepLogFileNum(2)
            .setManifestPreallocationSize(64 << 10);
    for (Database.Family family : Database.Family.values()) {
      ColumnFamilyOptions of = family(family, config.writeBufferBytes());
      options.add(of);
      families.add(new ColumnFamilyDescriptor(family.id(), of));
    }
  }

  private ColumnFamilyOptions family(Database.Family family, long writeBuffer) {
    ColumnFamilyOptions common =
        new ColumnFamilyOptions()
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(cache)
                    .setCacheIndexAndFilterBlocks(true)
                    .setPinL0FilterAndIndexBlocksInCache(true)
                    .setFilterPolicy(filter)
                    .setFormatVersion(5))
            // A write either goes through or is refused and tried again by the writer: in between
            // there is a slow-down that cannot be told from a stop which never ends.
            .setLevel0SlowdownWritesTrigger(LEVEL0_STOP)
            .setLevel0StopWritesTrigger(LEVEL0_STOP)
            .setSoftPendingCompactionBytesLimit(0);
    return switch (family) {
      // A log is only read inside one stream, so a skip list per stream (the first eight bytes)
      // serves, and is twice as fast to write as one of everything. Universal compaction rewrites
      // messages fewer times.
      case LOG ->
          common
              .setWriteBufferSize(writeBuffer)
              .useFixedLengthPrefixExtractor(Long.BYTES)
              .setMemTableConfig(new HashSkipListMemTableConfig().setBucketCount(100_000))
              .setCompactionStyle(CompactionStyle.UNIVERSAL);
      case STREAMS, FEED -> common.setWriteBufferSize(writeBuffer / 2);
      case META, PRODUCERS, DUE -> common.setWriteBufferSize(writeBuffer / 4);
    };
  }

  DBOptions database(boolean fresh) {
    return database.setCreateIfMissing(fresh).setCreateMissingColumnFamilies(fresh);
  }

  BackgroundFailure failure() {
    return failure;
  }

  List<ColumnFamilyDescriptor> families() {
    return families;
  }

  @Override
  public void close() {
    options.forEach(ColumnFamilyOptions::close);
    database.close();
    failure.close();
    filter.close();
    cache.close();
  }
}
