package dev.parley.wire.durable.subscription;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerKeysTest {
  private static final Pattern SIGNATURE = Pattern.compile("t=(\\d+),kid=([^,]+),ed25519=(.+)");

  @TempDir Path folder;

  @Test
  void aReceiverVerifiesTheSignatureWithThePublishedKey() throws Exception {
    ServerKeys keys = ServerKeys.load(folder.resolve("keys.json"));
    byte[] body = "{\"wake_id\":\"w_1\"}".getBytes(StandardCharsets.UTF_8);

    Matcher header = SIGNATURE.matcher(keys.sign(body, 1_700_000_000));

    assertThat(header.matches()).isTrue();
    JWKSet published = JWKSet.parse(new String(keys.publicSet(), StandardCharsets.UTF_8));
    JWK key = published.getKeyByKeyId(header.group(2));
    assertThat(key.isPrivate()).isFalse();
    assertThat(published.getKeys()).hasSize(1);
    Signature verifier = Signature.getInstance("Ed25519");
    verifier.initVerify(publicKey((OctetKeyPair) key));
    verifier.update("1700000000.".getBytes(StandardCharsets.US_ASCII));
    verifier.update(body);
    assertThat(verifier.verify(new Base64URL(header.group(3)).decode())).isTrue();
  }

  private static PublicKey publicKey(OctetKeyPair key) throws Exception {
    byte[] prefix = HexFormat.of().parseHex("302a300506032b6570032100"); // RFC 8410 §4
    byte[] encoded = new byte[prefix.length + 32];
    System.arraycopy(prefix, 0, encoded, 0, prefix.length);
    System.arraycopy(key.getDecodedX(), 0, encoded, prefix.length, 32);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }

  @Test
  void theKeysOutliveTheProcessAndBelongToTheirOwnerOnly() throws IOException {
    Path file = folder.resolve("keys.json");

    ServerKeys first = ServerKeys.load(file);
    ServerKeys second = ServerKeys.load(file);

    assertThat(second.kid()).isEqualTo(first.kid()).startsWith("ds_");
    assertThat(second.tokenSecret()).isEqualTo(first.tokenSecret());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aFileWithoutKeysIsNamed() throws IOException {
    Path file = folder.resolve("keys.json");
    Files.writeString(file, "{\"keys\":[]}");

    assertThatThrownBy(() -> ServerKeys.load(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aTokenSpeaksForItsSubscriptionItsWakeAndItsTimeOnly() throws IOException {
    WakeTokens tokens = new WakeTokens(ServerKeys.load(folder.resolve("keys.json")).tokenSecret());
    WakeTokens others = new WakeTokens(ServerKeys.load(folder.resolve("other.json")).tokenSecret());
    Instant now = Instant.ofEpochSecond(1_700_000_000);
    String token = tokens.mint("sub", new Wake("w_1", 7, "a", Map.of()), now);

    assertThat(tokens.read(token, "sub", now)).isEqualTo(new WakeTokens.Reading.Valid("w_1", 7));
    assertThat(tokens.read(token, "sub", now.plusSeconds(90_000)))
        .isEqualTo(new WakeTokens.Reading.Expired());
    assertThat(tokens.read(token, "other", now)).isEqualTo(new WakeTokens.Reading.Invalid());
    assertThat(others.read(token, "sub", now)).isEqualTo(new WakeTokens.Reading.Invalid());
    assertThat(tokens.read("eyJhbGciOiJub25lIn0.e30.", "sub", now))
        .isEqualTo(new WakeTokens.Reading.Invalid());
    assertThat(tokens.read(null, "sub", now)).isEqualTo(new WakeTokens.Reading.Invalid());
  }
}
