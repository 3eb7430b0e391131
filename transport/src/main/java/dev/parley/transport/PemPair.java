package dev.parley.transport;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Tells whether a certificate and a private key, both PEM, belong together. Stateless. */
final class PemPair {
  private static final Pattern CERTIFICATE = block("CERTIFICATE");
  private static final Pattern KEY = block("PRIVATE KEY");
  private static final byte[] NONCE = "parley".getBytes(StandardCharsets.US_ASCII);

  private PemPair() {}

  /**
   * Signs with the key what the chain's first certificate has to verify, as every handshake would.
   */
  static boolean matches(byte[] chain, byte[] key) throws GeneralSecurityException {
    PublicKey certified =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(first(CERTIFICATE, chain)))
            .getPublicKey();
    PrivateKey secret;
    try {
      secret =
          KeyFactory.getInstance(certified.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(first(KEY, key)));
    } catch (InvalidKeySpecException e) {
      return false; // a key of another kind
    }
    String algorithm = signatureBy(certified);
    if (algorithm == null) {
      return true;
    }
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(secret);
    signature.update(NONCE);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(NONCE);
    try {
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false; // of another curve or length
    }
  }

  /** What keys of this kind sign with; {@code null} for the rare ones, left to the handshake. */
  private static @Nullable String signatureBy(PublicKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> null;
    };
  }

  private static Pattern block(String label) {
    return Pattern.compile("-BEGIN [^-]*" + label + "-+([^-]+)-+END ");
  }

  private static byte[] first(Pattern block, byte[] pem) throws GeneralSecurityException {
    Matcher found = block.matcher(new String(pem, StandardCharsets.US_ASCII));
    if (!found.find()) {
      throw new GeneralSecurityException("no PEM block");
    }
    return Base64.getMimeDecoder().decode(found.group(1));
  }
}
