package dev.parley.wire.durable.subscription;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;

/**
 * The server's secrets for subscriptions: the Ed25519 key that signs webhooks and the secret that
 * signs callback and claim tokens. Kept in one file, a JWK set that only its owner may read. The
 * first Ed25519 key of the file signs; any others are published only, so a key can be rotated by
 * putting a new one in front. Immutable; safe on any thread.
 */
final class ServerKeys {
  private static final int RAW_KEY_BYTES = 32;

  private final PrivateKey signingKey;
  private final String kid;
  private final byte[] tokenSecret;
  private final byte[] publicSet;

  private ServerKeys(JWKSet set) throws GeneralSecurityException {
    List<JWK> signing = new ArrayList<>();
    byte[] secret = null;
    for (JWK key : set.getKeys()) {
      if (key instanceof OctetKeyPair pair && Curve.Ed25519.equals(pair.getCurve())) {
        signing.add(pair);
      } else if (key instanceof OctetSequenceKey octets && secret == null) {
        secret = octets.toByteArray();
      }
    }
    if (signing.isEmpty() || !signing.getFirst().isPrivate()) {
      throw new GeneralSecurityException("it holds no private Ed25519 key");
    }
    if (secret == null || secret.length < RAW_KEY_BYTES) {
      throw new GeneralSecurityException("it holds no token secret of 32 bytes");
    }
    OctetKeyPair first = (OctetKeyPair) signing.getFirst();
    signingKey =
        KeyFactory.getInstance("Ed25519")
            .generatePrivate(
                new EdECPrivateKeySpec(NamedParameterSpec.ED25519, first.getDecodedD()));
    kid = first.getKeyID();
    tokenSecret = secret;
    publicSet =
        JSONObjectUtils.toJSONString(new JWKSet(signing).toJSONObject(true))
            .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the keys, or makes them when there is no file.
   *
   * @throws IOException that names the file when it cannot be read or written, or holds no keys
   */
  static ServerKeys load(Path file) throws IOException {
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      return new ServerKeys(JWKSet.parse(Files.readString(file)));
    } catch (ParseException | GeneralSecurityException | JOSEException e) {
      throw new IOException("webhook keys " + file + ": " + e.getMessage(), e);
    }
  }

  private static void create(Path file)
      throws IOException, GeneralSecurityException, JOSEException {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    OctetKeyPair bare =
        new OctetKeyPair.Builder(Curve.Ed25519, raw(pair.getPublic().getEncoded()))
            .d(raw(pair.getPrivate().getEncoded()))
            .keyUse(KeyUse.SIGNATURE)
            .algorithm(JWSAlgorithm.EdDSA)
            .issueTime(Date.from(Instant.now()))
            .build();
    OctetKeyPair signing =
        new OctetKeyPair.Builder(bare).keyID("ds_" + bare.computeThumbprint()).build();
    byte[] secret = new byte[RAW_KEY_BYTES];
    new SecureRandom().nextBytes(secret);
    OctetSequenceKey tokens =
        new OctetSequenceKey.Builder(secret)
            .keyID("tokens")
            .keyUse(KeyUse.SIGNATURE)
            .algorithm(JWSAlgorithm.HS256)
            .build();
    String json =
        JSONObjectUtils.toJSONString(new JWKSet(List.<JWK>of(signing, tokens)).toJSONObject(false));
    writeAtomically(file, json.getBytes(StandardCharsets.UTF_8));
  }

  /** SPKI and PKCS #8 encodings of Ed25519 keys end with the raw key (RFC 8410 §4, §7). */
  private static Base64URL raw(byte[] encoded) {
    return Base64URL.encode(
        Arrays.copyOfRange(encoded, encoded.length - RAW_KEY_BYTES, encoded.length));
  }

  private static void writeAtomically(Path file, byte[] content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("webhook keys " + file + ": not a file");
    }
    Files.createDirectories(folder);
    FileAttribute<?>[] ownerOnly =
        Files.getFileStore(folder).supportsFileAttributeView("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Path fresh = Files.createTempFile(folder, "keys", ".new", ownerOnly);
    try {
      Files.write(fresh, content);
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** The id of the key that signs now. */
  String kid() {
    return kid;
  }

  /** The published JWK set (Durable Streams §6.5). */
  byte[] publicSet() {
    return publicSet.clone();
  }

  byte[] tokenSecret() {
    return tokenSecret.clone();
  }

  /** The {@code Webhook-Signature} of a body (§7.1). */
  String sign(byte[] body, long epochSecond) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(signingKey);
      signature.update((epochSecond + ".").getBytes(StandardCharsets.US_ASCII));
      signature.update(body);
      return "t=" + epochSecond + ",kid=" + kid + ",ed25519=" + Base64URL.encode(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Ed25519: every JDK has it, and the key was checked", e);
    }
  }
}
