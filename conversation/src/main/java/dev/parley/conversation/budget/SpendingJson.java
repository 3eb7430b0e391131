package dev.parley.conversation.budget;

import dev.parley.conversation.Usage;
import java.math.BigDecimal;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The messages of the stream {@code usage}. Stateless. */
final class SpendingJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private static final int MOST_DIGITS = 64;

  private SpendingJson() {}

  static byte[] write(Spending spending) {
    Usage usage = spending.usage();
    ObjectNode node =
        JSON.createObjectNode()
            .put("run", spending.run())
            .put("at", spending.at())
            .put("user", spending.asked().user())
            .put("persona", spending.asked().persona())
            .put("provider", spending.asked().provider())
            .put("model", spending.asked().model())
            .put("input", usage.input())
            .put("cachedInput", usage.cachedInput())
            .put("output", usage.output());
    if (usage.estimated()) {
      node.put("estimated", true);
    }
    return JSON.writeValueAsBytes(node.put("cost", spending.cost()));
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when it is none
   */
  static Spending read(byte[] message) {
    try {
      JsonNode node = JSON.readTree(message);
      Usage usage =
          new Usage(
              node.required("input").longValue(),
              node.required("cachedInput").longValue(),
              node.required("output").longValue(),
              node.path("estimated").asBoolean(false));
      BigDecimal cost = node.required("cost").decimalValue();
      if (cost.signum() < 0 || Math.abs(cost.scale()) > MOST_DIGITS) { // 1e999999999 adds up badly
        throw new IllegalArgumentException("cost: no sum of money");
      }
      return new Spending(
          node.required("run").stringValue(),
          new Asked(
              node.required("user").stringValue(),
              node.required("persona").stringValue(),
              node.required("provider").stringValue(),
              node.required("model").stringValue()),
          usage,
          cost,
          node.required("at").longValue());
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no record of a reply: " + e.getOriginalMessage(), e);
    }
  }
}
