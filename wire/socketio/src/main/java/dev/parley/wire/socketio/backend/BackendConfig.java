package dev.parley.wire.socketio.backend;

import java.util.List;

/**
 * What is put to backends over HTTP.
 *
 * @param routes the first that covers a question counts; what none covers is not asked
 */
public record BackendConfig(List<Route> routes) {
  public static BackendConfig defaults() {
    return new BackendConfig(List.of());
  }

  public BackendConfig {
    routes = List.copyOf(routes);
    for (int i = 0; i < routes.size(); i++) {
      String missing = routes.get(i).missing();
      if (missing != null) {
        throw new IllegalArgumentException("routes[" + i + "]." + missing);
      }
    }
  }
}
