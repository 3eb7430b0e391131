package dev.parley.hub;

/**
 * What the hub holds and has done, read without stopping it. Each number is right on its own; they
 * are not of one instant.
 *
 * @param followers admitted followers, all streams together
 * @param lagging followers that take nothing until they resume
 * @param liveStreams streams with a place in memory
 * @param ringBytes memory charged for recent messages and their streams
 * @param delivered messages handed to followers, each counted once per follower
 * @param catchUps times a follower began to catch up
 * @param overruns commit groups a full mailbox refused, made good by reading the store
 */
public record HubStats(
    long followers,
    long lagging,
    long liveStreams,
    long ringBytes,
    long delivered,
    long catchUps,
    long overruns) {}
