package dev.parley.transport;

/**
 * Answers requests. Called on the connection's event loop once the body is whole (within the
 * limit): never block.
 */
@FunctionalInterface
public interface Handler {
  void handle(Request request, Response response);
}
