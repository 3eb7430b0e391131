package dev.parley.toolcall;

/**
 * What became of calls. Every call ends as a result, pending, failed or given up.
 *
 * @param givenUp cancelled by the run, or cut short by the end of the process
 * @param requests sent, those sent again among them
 */
public record ToolStats(
    long calls, long results, long pending, long failed, long givenUp, long requests) {}
