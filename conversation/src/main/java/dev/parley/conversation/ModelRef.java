package dev.parley.conversation;

/** A model, and the provider that is asked for it, by the names that prices have. */
public record ModelRef(String provider, String model) {}
