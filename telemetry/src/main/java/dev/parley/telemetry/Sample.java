package dev.parley.telemetry;

/** One value of a metric, at one moment. */
public record Sample(Labels labels, double value) {}
