package dev.parley.server;

/**
 * One value somebody wrote down.
 *
 * @param key dotted, kebab-case; list elements as {@code streams[0].pattern}
 * @param source where it was written, for people: {@code parley.yaml:3:5}, {@code --set}
 */
record Setting(String key, String value, String source) {}
