package dev.parley.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SigningKeyTest {
  /** The example the libraries of Standard Webhooks are tested with. */
  @Test
  void aSignatureIsTheOneTheLibrariesOfStandardWebhooksExpect() {
    SigningKey key = SigningKey.of("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    String signature =
        key.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8));

    assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!w"
      })
  void aSecretThatCannotBeUsedIsRefusedWithoutRepeatingIt(String secret) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SigningKey.of("secret", secret))
        .withMessage("secret: unusable (expected: whsec_ and 24 to 64 bytes in base64)")
        .withNoCause();
  }

  @Test
  void aKeyIsNoLongerThanTheSpecificationSays() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            SigningKey.of("secret", "whsec_" + Base64.getEncoder().encodeToString(new byte[65])));
  }
}
