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
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves folders of the class path: the console and the libraries it uses, the stock client of
 * Socket.IO, and the pages of a program. A file is read once, on a virtual thread, and then kept:
 * there are only as many as were packaged. Safe on any thread.
 */
final class StaticFiles {
  static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; img-src 'self' data:; object-src"
          + " 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
  private static final System.Logger LOG = System.getLogger(StaticFiles.class.getName());
  private static final String LIBRARIES = "/webjars/";

  /** Where the stock client's files begin; Engine.IO answers everything else at that address. */
  private static final String STOCK_CLIENT = "/socket.io/socket.io.";

  /** Names without a leading dot, so neither hidden files nor a way up. */
  private static final Pattern FILE =
      Pattern.compile(
          "(?:[A-Za-z0-9_@-][A-Za-z0-9._@-]*/)*[A-Za-z0-9_@-][A-Za-z0-9_@-]*\\.[A-Za-z0-9.]+");

  /** Where pages may be, so that it is clear who answers an address: no empty or hidden segment. */
  private static final Pattern ADDRESS = Pattern.compile("/|(?:/[A-Za-z0-9_@-][A-Za-z0-9._@-]*)+");

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

  private final Map<String, Folder> folders =
      new HashMap<>(); // by address, which ends with a slash
  private final Map<Resource, Asset> assets = new ConcurrentHashMap<>();

  /**
   * A folder of the class path.
   *
   * @param loader who finds it
   * @param path with a slash at its end
   */
  record Folder(ClassLoader loader, String path) {
    private static final ClassLoader OURS =
        Objects.requireNonNull(StaticFiles.class.getClassLoader());

    static Folder ours(String path) {
      return new Folder(OURS, path);
    }

    /** One that lies beside a class. */
    static Folder beside(Class<?> type, String name) {
      return new Folder(
          Objects.requireNonNull(type.getClassLoader(), "a class of the JDK has no pages"),
          type.getPackageName().replace('.', '/') + "/" + name + "/");
    }
  }

  /** One file and who finds it. */
  record Resource(Folder folder, String name) {
    private @Nullable InputStream open() {
      return folder.loader().getResourceAsStream(folder.path() + name);
    }
  }

  /** One file, whole, with its tag. */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Asset(byte[] bytes, String type, String tag) {}

  /**
   * @param pages of a program, by {@link #address}; those at {@code /} take the console's place
   */
  StaticFiles(Map<String, Folder> pages) {
    folders.put("/", Folder.ours("dev/parley/console/static/"));
    folders.putAll(pages);
    folders.put(LIBRARIES, Folder.ours("META-INF/resources/webjars/"));
    folders.put("/socket.io/", Folder.ours("dev/parley/server/stock-client/"));
  }

  /**
   * The address pages are kept under, with a slash at its end.
   *
   * @throws IllegalArgumentException when pages cannot be there
   */
  static String address(String written) {
    if (!ADDRESS.matcher(written).matches()) {
      throw new IllegalArgumentException(
          "address: " + written + " (expected: / or a path without one at its end, as /chat)");
    }
    return written.equals("/") ? written : written + "/";
  }

  /** Whether it asks for the stock client, which is public: pages from anywhere may load it. */
  static boolean isStockClient(Request request) {
    return request.path().startsWith(STOCK_CLIENT);
  }

  void handle(Request request, Response response) {
    String method = request.method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      response.headers().set("allow", "GET, HEAD");
      Errors.send(response, 405, "bad_method", "method: " + method + " (expected: GET)", false);
      return;
    }
    String path = request.path();
    if (folders.containsKey(path + "/")) {
      // Its links are relative to the folder.
      response.headers().set("location", path + "/");
      response.send(308, Unpooled.EMPTY_BUFFER);
      return;
    }
    Resource resource = resource(path);
    if (resource == null) {
      missing(response);
      return;
    }
    String known = request.header("if-none-match");
    Asset asset = assets.get(resource);
    if (asset != null) {
      send(response, path, asset, known);
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
                  send(response, path, read.get(), known);
                } else {
                  missing(response);
                }
              });
        });
  }

  /** What {@code path} names, or {@code null} when it cannot name anything. */
  @Nullable Resource resource(String path) {
    int end = path.lastIndexOf('/') + 1;
    Folder folder = folders.get(path.substring(0, end));
    while (folder == null && end > 1) {
      end = path.lastIndexOf('/', end - 2) + 1;
      folder = folders.get(path.substring(0, end));
    }
    String name = end == path.length() ? "index.html" : path.substring(end);
    return folder != null && FILE.matcher(name).matches() ? new Resource(folder, name) : null;
  }

  private Optional<Asset> read(Resource resource) {
    try (InputStream in = resource.open()) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] bytes = in.readAllBytes();
      String extension = resource.name().substring(resource.name().lastIndexOf('.') + 1);
      Asset asset =
          new Asset(bytes, TYPES.getOrDefault(extension, "application/octet-stream"), tag(bytes));
      assets.put(resource, asset);
      return Optional.of(asset);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "files: cannot read " + resource, e);
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

  private static void send(Response response, String path, Asset asset, @Nullable String known) {
    HttpHeaders headers = response.headers();
    headers.set("etag", asset.tag());
    headers.set("x-content-type-options", "nosniff");
    headers.set("referrer-policy", "no-referrer");
    headers.set("content-security-policy", CONTENT_SECURITY_POLICY);
    if (path.startsWith(STOCK_CLIENT)) {
      headers.set("cross-origin-resource-policy", "cross-origin");
    }
    // Libraries carry their version in their address; all else changes with the server.
    headers.set(
        "cache-control",
        path.startsWith(LIBRARIES) ? "public, max-age=31536000, immutable" : "no-cache");
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
