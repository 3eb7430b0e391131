package dev.parley.webhook;

import java.net.http.HttpClient;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The connections requests leave by; follows no redirects. Safe on any thread.
 *
 * <p>The JDK's client forgets, but does not close, a connection whose answer is not HTTP. Such a
 * client is replaced, and closes what it has when its last request is over.
 */
public final class PostClient implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final @Nullable SSLContext tls;
  private final AtomicReference<HttpClient> current;

  /** A client without connections yet, which trusts whom the Java runtime does. */
  public PostClient() {
    this(null);
  }

  /**
   * A client without connections yet.
   *
   * @param tls whom to trust; {@code null} for whom the Java runtime does
   */
  public PostClient(@Nullable SSLContext tls) {
    this.tls = tls;
    this.current = new AtomicReference<>(client());
  }

  private HttpClient client() {
    HttpClient.Builder builder =
        HttpClient.newBuilder().executor(threads).followRedirects(HttpClient.Redirect.NEVER);
    if (tls != null) {
      builder.sslContext(tls);
    }
    return builder.build();
  }

  HttpClient current() {
    return current.get();
  }

  /** Uses a client for nothing new. */
  void retire(HttpClient client) {
    if (current.get() != client) {
      return;
    }
    HttpClient fresh = client();
    if (current.compareAndSet(client, fresh)) {
      client.shutdown();
    } else {
      fresh.shutdownNow();
    }
  }

  /** Ends at once what is under way. */
  @Override
  public void close() {
    current.get().shutdownNow();
    threads.shutdownNow();
  }
}
