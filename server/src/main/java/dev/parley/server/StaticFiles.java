package dev.parley.server;

import dev.parley.transport.Errors;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the console and the libraries it uses from the class path. A file is read once, on a
 * virtual thread, and then kept: there are only as many as were packaged. Safe on any thread.
 */
final class StaticFiles {
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; img-src 'self' data:; object-src"
          + " 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  private static final System.Logger LOG = System.getLogger(StaticFiles.class.getName());
  private static final String CONSOLE = "dev/parley/console/static/";
  private static final String LIBRARIES = "META-INF/resources/webjars/";
  private static final String LIBRARY_URLS = "/webjars/";

  /** Names without a leading dot, so neither hidden files nor a way up. */
  private static final Pattern FILE =
      Pattern.compile(
          "(?:[A-Za-z0-9_@-][A-Za-z0-9._@-]*/)*[A-Za-z0-9_@-][A-Za-z0-9_@-]*\\.[A-Za-z0-9.]+");

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("html", "text/html; charset=utf-8"),
          Map.entry("js", "text/javascript; charset=utf-8"),
          Map.entry("mjs", "text/javascript; charset=utf-8"),
          Map.entry("css", "text/css; charset=utf-8"),
          Map.entry("svg", "image/svg+xml"),
          Map.entry("png", "image/png"),
          Map.entry("ico", "image/x-icon"),
          Map.entry("json", "application/json"),
          Map.entry("map", "application/json"),
          Map.entry("woff2", "font/woff2"),
          Map.entry("webmanifest", "application/manifest+json"),
          Map.entry("txt", "text/plain; charset=utf-8"));

  private final Map<String, Asset> assets = new ConcurrentHashMap<>();

  /** One file, whole, with its tag. */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Asset(byte[] bytes, String type, String tag) {}

  void handle(Request request, Response response) {
    String method = request.method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      response.headers().set("allow", "GET, HEAD");
      Errors.send(response, 405, "bad_method", "method: " + method + " (expected: GET)", false);
      return;
    }
    String resource = resource(request.path());
    if (resource == null) {
      missing(response);
      return;
    }
    String known = request.header("if-none-match");
    Asset asset = assets.get(resource);
    if (asset != null) {
      send(response, resource, asset, known);
      return;
    }
    Thread.ofVirtual()
        .name("parley-static")
        .start(() -> {
          Optional<Asset> read = read(resource);
          response
              .loop()
              .execute(() -> {
                if (read.isPresent()) {
                  send(response, resource, read.get(), known);
                } else {
                  missing(response);
                }
              });
        });
  }

  /** The resource that {@code path} names, or {@code null} when it cannot name one. */
  static @Nullable String resource(String path) {
    String base = path.startsWith(LIBRARY_URLS) ? LIBRARIES : CONSOLE;
    String name = path.substring(path.startsWith(LIBRARY_URLS) ? LIBRARY_URLS.length() : 1);
    if (name.isEmpty() && base.equals(CONSOLE)) {
      name = "index.html";
    }
    return FILE.matcher(name).matches() ? base + name : null;
  }

  private Optional<Asset> read(String resource) {
    try (InputStream in = StaticFiles.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] bytes = in.readAllBytes();
      String extension = resource.substring(resource.lastIndexOf('.') + 1);
      Asset asset =
          new Asset(bytes, TYPES.getOrDefault(extension, "application/octet-stream"), tag(bytes));
      assets.put(resource, asset);
      return Optional.of(asset);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "console: cannot read " + resource, e);
      return Optional.empty();
    }
  }

  private static String tag(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(hash, 0, 12) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void send(
      Response response, String resource, Asset asset, @Nullable String known) {
    HttpHeaders headers = response.headers();
    headers.set("etag", asset.tag());
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "no-referrer");
    headers.set("content-security-policy", CONTENT_SECURITY_POLICY);
    // Libraries carry their version in their address; the console's own files change with the
    // server.
    headers.set(
        "cache-control",
        resource.startsWith(LIBRARIES) ? "public, max-age=31536000, immutable" : "no-cache");
    if (known != null && (known.equals("*") || known.contains(asset.tag()))) {
      response.send(304, Unpooled.EMPTY_BUFFER);
      return;
    }
    headers.set("content-type", asset.type());
    response.send(200, Unpooled.wrappedBuffer(asset.bytes()));
  }

  private static void missing(Response response) {
    Errors.send(response, 404, "not_found", "nothing here; the console is at /", false);
  }
}
