package dev.parley.testkit.upstream;

/** Tokens of a request and its reply. A value. */
record Usage(int input, int cached, int output) {}
