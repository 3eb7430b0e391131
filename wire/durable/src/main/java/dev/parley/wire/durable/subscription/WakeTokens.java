package dev.parley.wire.durable.subscription;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * Callback and claim tokens: HS256 JWTs that name a subscription, its wake and generation, and an
 * expiry (Durable Streams §12.9). They are no service tokens: another secret signs them, and only
 * this class reads them. Immutable; safe on any thread.
 */
final class WakeTokens {
  /** The lease is the fence; this only bounds how long a leaked token stays a valid signature. */
  private static final Duration VALID_FOR = Duration.ofDays(1);

  private static final String AUDIENCE = "parley-wake";

  private final byte[] secret;

  WakeTokens(byte[] secret) {
    this.secret = secret.clone();
  }

  String mint(String subscription, Wake wake, Instant now) {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader(JWSAlgorithm.HS256),
            new JWTClaimsSet.Builder()
                .subject(subscription)
                .audience(AUDIENCE)
                .jwtID(wake.id())
                .claim("gen", wake.generation())
                .expirationTime(Date.from(now.plus(VALID_FOR)))
                .build());
    try {
      jwt.sign(new MACSigner(secret));
    } catch (JOSEException e) {
      throw new IllegalStateException("HS256 with a checked secret", e);
    }
    return jwt.serialize();
  }

  /** What a token says, once its signature holds. */
  sealed interface Reading {
    record Valid(String wakeId, long generation) implements Reading {}

    record Invalid() implements Reading {}

    record Expired() implements Reading {}
  }

  Reading read(@Nullable String token, String subscription, Instant now) {
    if (token == null) {
      return new Reading.Invalid();
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token);
      if (!JWSAlgorithm.HS256.equals(jwt.getHeader().getAlgorithm())
          || !jwt.verify(new MACVerifier(secret))) {
        return new Reading.Invalid();
      }
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Long generation = claims.getLongClaim("gen");
      Date expiry = claims.getExpirationTime();
      if (generation == null
          || expiry == null
          || claims.getJWTID() == null
          || !claims.getAudience().contains(AUDIENCE)
          || !subscription.equals(claims.getSubject())) {
        return new Reading.Invalid();
      }
      return now.isBefore(expiry.toInstant())
          ? new Reading.Valid(claims.getJWTID(), generation)
          : new Reading.Expired();
    } catch (ParseException | JOSEException | IllegalArgumentException e) {
      return new Reading.Invalid();
    }
  }
}
