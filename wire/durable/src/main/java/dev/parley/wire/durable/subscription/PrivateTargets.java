package dev.parley.wire.durable.subscription;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * Which addresses outside the public internet a webhook may reach: the setting {@code
 * webhooks.allow-private} (Durable Streams §12.8). Immutable; safe on any thread.
 */
public enum PrivateTargets {
  /** None: public addresses over {@code https} only. */
  NONE,
  /** This machine as well, over {@code http} too, for development. */
  LOOPBACK,
  /** Any unicast address, over {@code http} too, for networks that trust everyone on them. */
  ALL;

  /**
   * Reads the setting.
   *
   * @param value {@code false} or {@code none}, {@code loopback}, {@code true} or {@code all}
   */
  public static PrivateTargets of(String value) {
    return switch (value) {
      case "false", "none" -> NONE;
      case "loopback" -> LOOPBACK;
      case "true", "all" -> ALL;
      default ->
          throw new IllegalArgumentException(
              "webhooks.allow-private: " + value + " (expected: none, loopback or all)");
    };
  }

  /** Whether a webhook may be sent to {@code address}; checked on the address that is connected. */
  boolean permits(InetAddress address, boolean encrypted) {
    if (address.isAnyLocalAddress() || address.isMulticastAddress() || isBroadcast(address)) {
      return false;
    }
    return switch (this) {
      case NONE -> encrypted && isPublic(address);
      case LOOPBACK -> address.isLoopbackAddress() || (encrypted && isPublic(address));
      case ALL -> encrypted || !isPublic(address);
    };
  }

  /** Whether {@code address} is globally reachable (IANA special-purpose registries, RFC 6890). */
  static boolean isPublic(InetAddress address) {
    byte[] b = address.getAddress();
    return address instanceof Inet4Address ? isPublic4(b, 0) : isPublic6(b);
  }

  private static boolean isPublic4(byte[] bytes, int at) {
    int a = bytes[at] & 0xFF;
    int b = bytes[at + 1] & 0xFF;
    int c = bytes[at + 2] & 0xFF;
    return switch (a) {
      case 0, 10, 127 -> false; // this network, private, loopback
      case 100 -> b < 64 || b > 127; // carrier-grade NAT (RFC 6598)
      case 169 -> b != 254; // link-local, cloud metadata
      case 172 -> b < 16 || b > 31; // private
      case 192 ->
          b != 168 // private
              && !(b == 0 && (c == 0 || c == 2)) // protocol assignments, documentation
              && !(b == 88 && c == 99); // 6to4 relays
      case 198 -> b != 18 && b != 19 && !(b == 51 && c == 100); // benchmarks, documentation
      case 203 -> !(b == 0 && c == 113); // documentation
      default -> a < 224; // multicast, reserved, broadcast
    };
  }

  private static boolean isPublic6(byte[] b) {
    int high = ((b[0] & 0xFF) << 8) | (b[1] & 0xFF);
    int next = ((b[2] & 0xFF) << 8) | (b[3] & 0xFF);
    if ((high & 0xE000) != 0x2000) {
      return false; // only 2000::/3 is global unicast: no ::1, fc00::/7, fe80::/10, 64:ff9b::/96
    }
    if (high == 0x2001 && (next < 0x0200 || next == 0x0DB8)) {
      return false; // Teredo and other protocol assignments, documentation
    }
    if (high == 0x3FFF && next < 0x1000) {
      return false; // documentation (RFC 9637)
    }
    return high != 0x2002 || isPublic4(b, 2); // 6to4 carries an IPv4 address
  }

  private static boolean isBroadcast(InetAddress address) {
    byte[] b = address.getAddress();
    return b.length == 4 && (b[0] & b[1] & b[2] & b[3] & 0xFF) == 0xFF;
  }
}
