package dev.parley.wire.durable;

/** Header field names of the protocol (Durable Streams §13.2), in lower case as HTTP/2 wants. */
final class Fields {
  static final String NEXT_OFFSET = "stream-next-offset";
  static final String CURSOR = "stream-cursor";
  static final String UP_TO_DATE = "stream-up-to-date";
  static final String CLOSED = "stream-closed";
  static final String SEQ = "stream-seq";
  static final String TTL = "stream-ttl";
  static final String EXPIRES_AT = "stream-expires-at";
  static final String FORKED_FROM = "stream-forked-from";
  static final String FORK_OFFSET = "stream-fork-offset";
  static final String FORK_SUB_OFFSET = "stream-fork-sub-offset";
  static final String SSE_DATA_ENCODING = "stream-sse-data-encoding";
  static final String PRODUCER_ID = "producer-id";
  static final String PRODUCER_EPOCH = "producer-epoch";
  static final String PRODUCER_SEQ = "producer-seq";
  static final String PRODUCER_EXPECTED_SEQ = "producer-expected-seq";
  static final String PRODUCER_RECEIVED_SEQ = "producer-received-seq";

  /** Ours: the position that an {@code at=} query resolved to. */
  static final String FROM_OFFSET = "stream-from-offset";

  static final String ETAG = "etag";
  static final String IF_NONE_MATCH = "if-none-match";
  static final String CONTENT_TYPE = "content-type";
  static final String CACHE_CONTROL = "cache-control";
  static final String LOCATION = "location";
  static final String RETRY_AFTER = "retry-after";
  static final String ALLOW = "allow";

  static final String NO_STORE = "no-store";

  private Fields() {}
}
