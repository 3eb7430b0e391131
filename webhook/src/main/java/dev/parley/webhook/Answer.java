package dev.parley.webhook;

import java.net.http.HttpHeaders;

/** What came back, whole; of any status. */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Answer(int status, HttpHeaders headers, byte[] body) {}
