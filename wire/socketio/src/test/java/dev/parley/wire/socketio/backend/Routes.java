package dev.parley.wire.socketio.backend;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes routes for tests: the defaults, but for what is said. */
record Routes(
    String namespace,
    List<String> events,
    @Nullable URI url,
    Duration timeout,
    FailurePolicy onFailure,
    int maxInFlight,
    int maxWaiting,
    CircuitConfig circuit) {
  static Routes to(URI url) {
    Route defaults = Route.defaults();
    return new Routes(
        "/chat",
        List.of("connect", "disconnect", "subscribe", "publish", "*"),
        url,
        Duration.ofSeconds(30), // a busy machine is no slow backend
        defaults.onFailure(),
        defaults.maxInFlight(),
        defaults.maxWaiting(),
        defaults.circuit());
  }

  Routes of(String name, String... kinds) {
    return new Routes(
        name, List.of(kinds), url, timeout, onFailure, maxInFlight, maxWaiting, circuit);
  }

  Routes within(Duration patience) {
    return new Routes(
        namespace, events, url, patience, onFailure, maxInFlight, maxWaiting, circuit);
  }

  Routes orElse(FailurePolicy policy) {
    return new Routes(namespace, events, url, timeout, policy, maxInFlight, maxWaiting, circuit);
  }

  Routes atMost(int flying, int queued) {
    return new Routes(namespace, events, url, timeout, onFailure, flying, queued, circuit);
  }

  Routes circuit(CircuitConfig config) {
    return new Routes(namespace, events, url, timeout, onFailure, maxInFlight, maxWaiting, config);
  }

  Route route() {
    return new Route(
        namespace,
        events,
        url,
        RealBackend.SECRET,
        null,
        timeout,
        onFailure,
        List.of("Cookie"),
        maxInFlight,
        maxWaiting,
        10_000,
        circuit);
  }

  BackendConfig config() {
    return new BackendConfig(List.of(route()));
  }
}
