package dev.parley.transport;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The certificate and key in force, read again when their files change. A pair that cannot be used
 * leaves the old one in force. {@link #current} is for any thread; the files are read on a virtual
 * thread of its own.
 */
final class TlsFiles implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(2);
  private static final String NOT_RELOADED =
      "TLS certificate not reloaded, the old one stays in force";

  private final Path certificate;
  private final Path key;
  private final ScheduledExecutorService poll =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("parley-tls-reload").factory());
  private volatile SslContext current;
  private @Nullable Stamp stamp; // confined to the poll thread once started

  /** Reads the files. @throws IOException that names them when they cannot be used */
  TlsFiles(Path certificate, Path key) throws IOException {
    this.certificate = certificate;
    this.key = key;
    this.stamp = stamp();
    this.current = load();
    Future<?> _ =
        poll.scheduleWithFixedDelay(
            this::reloadIfChanged, POLL.toMillis(), POLL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** For new connections; those that are open keep what they began with. */
  SslContext current() {
    return current;
  }

  /** Looks at the files without waiting for the next time to do so. */
  Future<?> reload() {
    return poll.submit(this::reloadIfChanged);
  }

  private void reloadIfChanged() {
    try {
      Stamp now = stamp();
      if (now.equals(stamp)) {
        return;
      }
      stamp = now; // a broken pair is reported once
      current = load();
      Scope.LOG.log(System.Logger.Level.INFO, "TLS certificate reloaded from " + certificate);
    } catch (FileSystemException e) {
      if (stamp != null) {
        stamp = null; // a missing file is reported once, and read when it is back
        Scope.LOG.log(
            System.Logger.Level.ERROR, NOT_RELOADED + ": " + e.getMessage() + " cannot be read");
      }
    } catch (IOException e) {
      Scope.LOG.log(System.Logger.Level.ERROR, NOT_RELOADED + ": " + e.getMessage());
    } catch (RuntimeException e) {
      Scope.LOG.log(System.Logger.Level.ERROR, NOT_RELOADED, e);
    }
  }

  private SslContext load() throws IOException {
    SslContext context;
    boolean pair;
    try {
      byte[] chain = Files.readAllBytes(certificate);
      byte[] secret = Files.readAllBytes(key);
      context = context(chain, secret);
      pair = PemPair.matches(chain, secret);
    } catch (IOException | IllegalArgumentException | GeneralSecurityException e) {
      throw unusable(" (expected: a PEM chain and its PKCS#8 key): " + e.getMessage(), e);
    }
    if (!pair) {
      throw unusable(
          " do not belong together (expected: the key of the chain's first certificate)", null);
    }
    return context;
  }

  private IOException unusable(String why, @Nullable Exception cause) {
    return new IOException(
        "transport.tls-certificate, transport.tls-key: " + certificate + ", " + key + why, cause);
  }

  private static SslContext context(byte[] chain, byte[] secret) throws IOException {
    return SslContextBuilder.forServer(
            new ByteArrayInputStream(chain), new ByteArrayInputStream(secret))
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1))
        .build();
  }

  private Stamp stamp() throws IOException {
    BasicFileAttributes chain = Files.readAttributes(certificate, BasicFileAttributes.class);
    BasicFileAttributes secret = Files.readAttributes(key, BasicFileAttributes.class);
    return new Stamp(
        chain.lastModifiedTime().to(TimeUnit.NANOSECONDS),
        chain.size(),
        secret.lastModifiedTime().to(TimeUnit.NANOSECONDS),
        secret.size());
  }

  @Override
  public void close() {
    poll.shutdownNow();
  }

  private record Stamp(long chainTime, long chainSize, long keyTime, long keySize) {}
}
