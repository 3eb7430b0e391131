package dev.parley.wire.socketio.backend;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** HMAC-SHA256 written down from RFC 2104 §2, so that it shares nothing with what it checks. */
final class HandMadeHmac {
  private static final int BLOCK = 64;

  private HandMadeHmac() {}

  static String sign(String secret, String signed) {
    byte[] key =
        Arrays.copyOf(Base64.getDecoder().decode(secret.substring("whsec_".length())), BLOCK);
    byte[] inner = hash(padded(key, 0x36), signed.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(hash(padded(key, 0x5c), inner));
  }

  private static byte[] padded(byte[] key, int with) {
    byte[] padded = new byte[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      padded[i] = (byte) (key[i] ^ with);
    }
    return padded;
  }

  private static byte[] hash(byte[] first, byte[] second) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(first);
      return digest.digest(second);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
