package dev.parley.server;

import dev.parley.transport.Request;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which pages may call, and by which names the server answers. Immutable.
 *
 * <p>Without keys the server trusts everyone who reaches it, and a browser on the same machine
 * reaches it for any page it shows: so only names of this machine are answered, which ends DNS
 * rebinding, and pages of other sites are refused.
 */
final class Sites {
  private final boolean anyOrigin;
  private final Set<String> allowed = new HashSet<>();
  private final boolean open;
  private final String boundHost;

  /**
   * @param open whether no keys are configured
   * @param boundHost the configured address to listen on
   */
  Sites(List<String> allowOrigins, boolean open, String boundHost) {
    this.anyOrigin = allowOrigins.contains("*");
    allowOrigins.forEach(origin -> allowed.add(origin.toLowerCase(Locale.ROOT)));
    this.open = open;
    this.boundHost = boundHost.toLowerCase(Locale.ROOT);
  }

  /** What became of a look at Host and Origin. */
  enum Verdict {
    FINE,
    /** RFC 9110 §15.5.20: the server is not who the client asked for. */
    FOREIGN_HOST,
    FOREIGN_PAGE
  }

  /**
   * @param preflight whether it only asks what it might do
   */
  Verdict judge(Request request, boolean preflight) {
    if (open && !answersTo(host(request.authority()))) {
      return Verdict.FOREIGN_HOST;
    }
    if (!open || preflight) {
      return Verdict
          .FINE; // a token cannot be borrowed by another page, and CORS keeps answers from it
    }
    String origin = request.header("origin");
    if (origin != null && !mayRead(origin, request)) {
      return Verdict.FOREIGN_PAGE;
    }
    // A page elsewhere that asks without CORS sends no Origin on GET, but says so here.
    String site = request.header("sec-fetch-site");
    boolean elsewhere = "cross-site".equals(site) || "same-site".equals(site);
    boolean navigation = "navigate".equals(request.header("sec-fetch-mode"));
    boolean read = request.method().equals("GET") || request.method().equals("HEAD");
    return origin == null && elsewhere && !(navigation && read) && !anyOrigin
        ? Verdict.FOREIGN_PAGE
        : Verdict.FINE;
  }

  /** The value of {@code access-control-allow-origin} for this request, or {@code null}. */
  @Nullable String allowOrigin(Request request) {
    String origin = request.header("origin");
    return origin != null && mayRead(origin, request) ? origin : null;
  }

  private boolean mayRead(String origin, Request request) {
    String page = origin.toLowerCase(Locale.ROOT);
    return anyOrigin
        || allowed.contains(page)
        || page.equals(request.scheme() + "://" + request.authority().toLowerCase(Locale.ROOT));
  }

  private boolean answersTo(String host) {
    return Loopback.isName(host)
        || host.equals(boundHost)
        || host.equals("[" + boundHost + "]")
        // Listening everywhere without keys was asked for with --insecure: any literal address of
        // this machine may be meant, and a literal address is never rebound.
        || (isWildcard(boundHost) && isLiteral(host));
  }

  private static boolean isWildcard(String host) {
    return host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
  }

  private static boolean isLiteral(String host) {
    return host.startsWith("[") || host.matches("\\d{1,3}(\\.\\d{1,3}){3}");
  }

  /** The authority without its port. */
  private static String host(String authority) {
    String lower = authority.toLowerCase(Locale.ROOT);
    int colon = lower.lastIndexOf(':');
    return colon > lower.lastIndexOf(']') ? lower.substring(0, colon) : lower;
  }
}
