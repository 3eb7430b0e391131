package dev.parley.telemetry;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How metrics are written. */
public enum ExpositionFormat {
  /** Prometheus text format 0.0.4. */
  PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
  /** OpenMetrics 1.0. */
  OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private final String contentType;

  ExpositionFormat(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /**
   * The format with the greater weight in an {@code Accept} header (RFC 9110 §12.5.1): OpenMetrics
   * only for those who name it.
   */
  public static ExpositionFormat negotiate(@Nullable String accept) {
    if (accept == null) {
      return PROMETHEUS;
    }
    double openMetrics = 0;
    double text = 0;
    for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = range.trim().split(";", -1);
      double weight = weight(parts);
      switch (parts[0].trim()) {
        case "application/openmetrics-text" -> openMetrics = Math.max(openMetrics, weight);
        case "text/plain", "text/*" -> text = Math.max(text, weight);
        default -> {}
      }
    }
    return openMetrics > 0 && openMetrics >= text ? OPENMETRICS : PROMETHEUS;
  }

  private static double weight(String[] parts) {
    for (String part : parts) {
      String parameter = part.trim();
      if (parameter.startsWith("q=")) {
        try {
          return Double.parseDouble(parameter.substring(2));
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}
