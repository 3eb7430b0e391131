package dev.parley.server;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Verifies and mints access tokens (RFC 7519). The algorithm is decided by the configured key,
 * never by the token alone: a shared secret takes HS256 only, a key set takes RS256, ES256 and
 * EdDSA only, so neither {@code none} nor a public key used as a secret gets through. Safe on any
 * thread; with a key set it may block while keys are fetched.
 */
final class Tokens {
  private static final Set<JWSAlgorithm> PUBLIC_KEY =
      Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.EdDSA, JWSAlgorithm.Ed25519);
  static final int MAX_CHARACTERS = 8_192;

  private final byte @Nullable [] secret;
  private final @Nullable JWKSource<SecurityContext> keys;
  private final DefaultJWTClaimsVerifier<SecurityContext> claims;

  Tokens(
      byte @Nullable [] secret,
      @Nullable JWKSource<SecurityContext> keys,
      AccessConfig config,
      InstantSource clock) {
    this.secret = secret == null ? null : secret.clone();
    this.keys = keys;
    JWTClaimsSet.Builder exact = new JWTClaimsSet.Builder();
    if (config.issuer() != null) {
      exact.issuer(config.issuer());
    }
    this.claims =
        new DefaultJWTClaimsVerifier<>(
            config.audience() == null ? null : Set.of(config.audience()),
            exact.build(),
            Set.of("exp"),
            null) {
          @Override
          @SuppressWarnings("JavaUtilDate") // the library's
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        };
    claims.setMaxClockSkew((int) config.clockSkew().toSeconds());
  }

  /** Whether {@link #verify} only computes. */
  boolean neverBlocks() {
    return keys == null;
  }

  @SuppressWarnings("JavaUtilDate") // the library's
  TokenCaller verify(String token) throws TokenRefused {
    if (token.length() > MAX_CHARACTERS) {
      throw new TokenRefused("longer than " + MAX_CHARACTERS + " characters");
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!signatureHolds(jwt)) {
        throw new TokenRefused("the signature is not of a key of ours");
      }
      JWTClaimsSet set = jwt.getJWTClaimsSet();
      claims.verify(set, null);
      return TokenCaller.of(
          set.getSubject(), set.getExpirationTime().getTime(), set.getClaim(TokenCaller.CLAIM));
    } catch (ParseException e) {
      throw new TokenRefused("no signed JWT");
    } catch (BadJOSEException e) {
      throw new TokenRefused(String.valueOf(e.getMessage()));
    } catch (JOSEException e) {
      throw new TokenRefused("the key to verify it cannot be had now");
    }
  }

  private boolean signatureHolds(SignedJWT jwt) throws JOSEException {
    JWSHeader header = jwt.getHeader();
    if (secret != null && header.getAlgorithm().equals(JWSAlgorithm.HS256)) {
      return jwt.verify(new MACVerifier(secret));
    }
    if (keys == null || !PUBLIC_KEY.contains(header.getAlgorithm())) {
      return false;
    }
    JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
    if (matcher == null) {
      return false;
    }
    for (JWK key : keys.get(new JWKSelector(matcher), null)) {
      JWSVerifier verifier = verifier(key);
      if (verifier != null
          && verifier.supportedJWSAlgorithms().contains(header.getAlgorithm())
          && jwt.verify(verifier)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable JWSVerifier verifier(JWK key) throws JOSEException {
    return switch (key) {
      case RSAKey rsa -> new RSASSAVerifier(rsa);
      case ECKey ec -> new ECDSAVerifier(ec);
      case OctetKeyPair okp -> new Ed25519(okp);
      default -> null;
    };
  }

  /** A token signed with {@code secret}. */
  static String mint(
      byte[] secret,
      @Nullable String subject,
      @Nullable String audience,
      @Nullable String issuer,
      Map<String, List<String>> rights,
      Duration ttl,
      InstantSource clock) {
    JWTClaimsSet.Builder set =
        new JWTClaimsSet.Builder()
            .issueTime(Date.from(clock.instant()))
            .expirationTime(Date.from(clock.instant().plus(ttl)))
            .claim(TokenCaller.CLAIM, rights);
    if (subject != null) {
      set.subject(subject);
    }
    if (audience != null) {
      set.audience(audience);
    }
    if (issuer != null) {
      set.issuer(issuer);
    }
    try {
      SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), set.build());
      jwt.sign(new MACSigner(secret));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalArgumentException("access.secret: too short (expected: >= 32 bytes)", e);
    }
  }
}
