package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.parley.hub.Caller.Right;
import dev.parley.stream.StreamPath;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("JavaUtilDate") // the library's
class TokensTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:42:00Z");
  private static final byte[] SECRET =
      "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
  private static final Map<String, List<String>> READ_CHAT = Map.of("read", List.of("chat/*"));

  private final Tokens tokens =
      new Tokens(SECRET, null, AccessConfig.defaults(), InstantSource.fixed(NOW));

  @Test
  void aMintedTokenCarriesItsRightsAndItsEnd() throws Exception {
    TokenCaller caller = tokens.verify(minted(READ_CHAT, Duration.ofHours(1)));
    assertThat(caller.subject()).isEqualTo("ada");
    assertThat(caller.expiresAt()).isEqualTo(NOW.plusSeconds(3600).toEpochMilli());
    assertThat(caller.may(Right.READ, StreamPath.of("chat/lobby"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "read, chat/*, READ, chat/lobby, true",
    "read, chat/*, READ, chat/lobby/deep, false",
    "read, chat/**, READ, chat/lobby/deep, true",
    "read, chat/*, APPEND, chat/lobby, false",
    "append, chat/*, READ, chat/lobby, false",
    "admin, chat/*, DELETE, chat/lobby, true",
    "admin, chat/*, DELETE, other, false",
    "create, new/*, CREATE, new/a, true",
    "delete, **, DELETE, any/where, true",
  })
  void rightsFollowTheirPatterns(
      String right, String pattern, Right asked, String path, boolean granted) throws Exception {
    TokenCaller caller =
        tokens.verify(minted(Map.of(right, List.of(pattern)), Duration.ofHours(1)));
    assertThat(caller.may(asked, StreamPath.of(path))).isEqualTo(granted);
    assertThat(caller.mayAdministrate()).isFalse();
  }

  @Test
  void adminOfEverythingAdministrates() throws Exception {
    assertThat(
            tokens
                .verify(minted(Map.of("admin", List.of("**")), Duration.ofHours(1)))
                .mayAdministrate())
        .isTrue();
  }

  @Test
  void anExpiredTokenIsRefusedOnceTheClocksCannotExplainIt() throws Exception {
    assertThat(tokens.verify(minted(READ_CHAT, Duration.ofSeconds(-29)))).isNotNull();
    refused(minted(READ_CHAT, Duration.ofSeconds(-31)));
  }

  @Test
  void aTokenOfTheFutureIsRefused() throws Exception {
    refused(
        signed(
            JWSAlgorithm.HS256,
            new MACSigner(SECRET),
            claims().notBeforeTime(Date.from(NOW.plusSeconds(60))).build()));
  }

  @Test
  void aTokenWithoutEndIsRefused() throws Exception {
    refused(
        signed(JWSAlgorithm.HS256, new MACSigner(SECRET), claims().expirationTime(null).build()));
  }

  @Test
  void anUnsignedTokenIsRefused() {
    refused(new PlainJWT(claims().build()).serialize());
  }

  @Test
  void aTokenOfAnotherSecretIsRefused() throws Exception {
    refused(
        signed(
            JWSAlgorithm.HS256,
            new MACSigner("another-secret-another-secret-32b"),
            claims().build()));
  }

  @Test
  void aTokenOfAnotherAlgorithmOfTheSameSecretIsRefused() throws Exception {
    byte[] twice = Arrays.copyOf(SECRET, 64);
    Tokens longer = new Tokens(twice, null, AccessConfig.defaults(), InstantSource.fixed(NOW));
    String token = signed(JWSAlgorithm.HS512, new MACSigner(twice), claims().build());
    assertThatThrownBy(() -> longer.verify(token)).isInstanceOf(TokenRefused.class);
  }

  @Test
  void aPublicKeyIsNoSecret() throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("k").generate();
    Tokens published = ofKeys(new JWKSet(key.toPublicJWK()));
    String confused =
        signed(
            JWSAlgorithm.HS256, new MACSigner(key.toRSAPublicKey().getEncoded()), claims().build());
    assertThatThrownBy(() -> published.verify(confused)).isInstanceOf(TokenRefused.class);
  }

  @Test
  void aChangedTokenIsRefused() {
    String token = minted(READ_CHAT, Duration.ofHours(1));
    String[] parts = token.split("\\.", -1);
    String claims =
        Base64URL.encode(Base64URL.from(parts[1]).decodeToString().replace("chat/*", "**"))
            .toString();
    refused(parts[0] + "." + claims + "." + parts[2]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"''", "x", "a.b.c", "..", "e30.e30.e30"})
  void whatIsNoTokenIsRefused(String text) {
    refused(text);
  }

  @Test
  void anEndlessTokenIsRefusedUnread() {
    refused("a".repeat(Tokens.MAX_CHARACTERS + 1));
  }

  @Test
  void audienceAndIssuerAreCheckedWhenConfigured() throws Exception {
    AccessConfig config =
        new AccessConfig(
            null, null, null, "parley", "https://issuer", Duration.ofSeconds(30), List.of());
    Tokens strict = new Tokens(SECRET, null, config, InstantSource.fixed(NOW));
    String right =
        signed(
            JWSAlgorithm.HS256,
            new MACSigner(SECRET),
            claims().audience("parley").issuer("https://issuer").build());
    assertThat(strict.verify(right)).isNotNull();
    String wrong =
        signed(
            JWSAlgorithm.HS256,
            new MACSigner(SECRET),
            claims().audience("other").issuer("https://issuer").build());
    assertThatThrownBy(() -> strict.verify(wrong)).isInstanceOf(TokenRefused.class);
  }

  @Test
  void rightsNobodyKnowsAreRefused() {
    refused(minted(Map.of("reed", List.of("**")), Duration.ofHours(1)));
    refused(minted(Map.of("read", List.of("/chat")), Duration.ofHours(1)));
  }

  @Test
  void publishedRsaAndEcKeysVerify() throws Exception {
    RSAKey rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    ECKey ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    Tokens published = ofKeys(new JWKSet(List.of(rsa.toPublicJWK(), ec.toPublicJWK())));

    assertThat(
            published.verify(signed(JWSAlgorithm.RS256, new RSASSASigner(rsa), claims().build())))
        .isNotNull();
    assertThat(published.verify(signed(JWSAlgorithm.ES256, new ECDSASigner(ec), claims().build())))
        .isNotNull();
    String stranger =
        signed(
            JWSAlgorithm.RS256,
            new RSASSASigner(new RSAKeyGenerator(2048).generate()),
            claims().build());
    assertThatThrownBy(() -> published.verify(stranger)).isInstanceOf(TokenRefused.class);
  }

  @Test
  void publishedEd25519KeysVerify() throws Exception {
    KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    byte[] encoded = pair.getPublic().getEncoded();
    byte[] x = Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length); // RFC 8410 §4
    Tokens published =
        ofKeys(new JWKSet(new OctetKeyPair.Builder(Curve.Ed25519, Base64URL.encode(x)).build()));
    String content =
        new JWSHeader(JWSAlgorithm.EdDSA).toBase64URL()
            + "."
            + claims().build().toPayload().toBase64URL();
    Signature signer = Signature.getInstance("Ed25519");
    signer.initSign(pair.getPrivate());
    signer.update(content.getBytes(StandardCharsets.US_ASCII));
    byte[] signature = signer.sign();

    assertThat(published.verify(content + "." + Base64URL.encode(signature))).isNotNull();
    signature[3] ^= 1;
    assertThatThrownBy(() -> published.verify(content + "." + Base64URL.encode(signature)))
        .isInstanceOf(TokenRefused.class);
  }

  private static Tokens ofKeys(JWKSet keys) {
    return new Tokens(
        null, new ImmutableJWKSet<>(keys), AccessConfig.defaults(), InstantSource.fixed(NOW));
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .subject("ada")
        .expirationTime(Date.from(NOW.plusSeconds(60)))
        .claim("parley", READ_CHAT);
  }

  private static String signed(JWSAlgorithm algorithm, JWSSigner signer, JWTClaimsSet claims)
      throws Exception {
    SignedJWT jwt =
        new SignedJWT(new JWSHeader.Builder(algorithm).type(JOSEObjectType.JWT).build(), claims);
    jwt.sign(signer);
    return jwt.serialize();
  }

  private static String minted(Map<String, List<String>> rights, Duration ttl) {
    return Tokens.mint(SECRET, "ada", null, null, rights, ttl, InstantSource.fixed(NOW));
  }

  private void refused(String token) {
    assertThatExceptionOfType(TokenRefused.class).isThrownBy(() -> tokens.verify(token));
  }
}
