package dev.parley.webhook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Signs requests as Standard Webhooks say (spec, "Signature scheme"), so that receivers can check
 * them with a library they find. Immutable; never printed.
 */
public final class SigningKey {
  private static final String PREFIX = "whsec_";
  private static final String HMAC = "HmacSHA256";
  private static final int LEAST_BYTES = 24;
  private static final int MOST_BYTES = 64;

  private final SecretKeySpec key;

  private SigningKey(byte[] key) {
    this.key = new SecretKeySpec(key, HMAC);
  }

  /**
   * Takes a secret that is called {@code where} in errors.
   *
   * @throws IllegalArgumentException that does not repeat the secret
   */
  public static SigningKey of(String where, String secret) {
    byte[] bytes = {};
    if (secret.startsWith(PREFIX)) {
      try {
        bytes = Base64.getDecoder().decode(secret.substring(PREFIX.length()));
      } catch (IllegalArgumentException e) {
        bytes = new byte[0]; // the exception would repeat a character of it
      }
    }
    if (bytes.length < LEAST_BYTES || bytes.length > MOST_BYTES) {
      throw new IllegalArgumentException(
          where + ": unusable (expected: whsec_ and 24 to 64 bytes in base64)");
    }
    return new SigningKey(bytes);
  }

  /**
   * Takes the secret as configured: itself, or a file that holds it.
   *
   * @throws IllegalArgumentException that names the key, {@code secret} or {@code secret-file}
   */
  public static SigningKey of(@Nullable String secret, @Nullable Path file) {
    if (secret != null) {
      return of("secret", secret);
    }
    Path from = Objects.requireNonNull(file);
    try {
      return of("secret-file: " + from, Files.readString(from).strip());
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "secret-file: " + from + " (expected: a readable file)", e);
    }
  }

  /** The value of {@code webhook-signature}. */
  public String sign(String id, long epochSeconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      mac.update((id + "." + epochSeconds + ".").getBytes(StandardCharsets.UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java runtime has " + HMAC, e);
    }
  }
}
