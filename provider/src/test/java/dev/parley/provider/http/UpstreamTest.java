package dev.parley.provider.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.provider.EndpointConfig;
import dev.parley.provider.FakeUpstream;
import dev.parley.provider.Recorded;
import dev.parley.provider.TestEndpoint;
import dev.parley.provider.http.UpstreamConfig.Protocol;
import dev.parley.provider.openai.ChatCompletions;
import dev.parley.provider.openai.ChatOptions;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UpstreamTest {
  private static final Prompt HELLO = Prompt.of("m", PromptTurn.user("hello"));
  private static final ChatCompletions CHAT = new ChatCompletions(ChatOptions.COMPATIBLE);

  private static final String SHORT =
      FakeUpstream.chunked(
          "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n",
          "data: [DONE]\n\n");

  private static Recorded ask(TestEndpoint endpoint) {
    Recorded reply = new Recorded();
    Generation _ = endpoint.provider(EndpointConfig.DEFAULT).generate(HELLO, reply);
    return reply;
  }

  private static X509Bundle certificate(String name) throws Exception {
    return new CertificateBuilder()
        .subject("CN=" + name)
        .addSanDnsName(name)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  @Test
  void manyRepliesShareOneConnectionOfHttp2() throws Exception {
    try (Http2Upstream server = new Http2Upstream(null);
        TestEndpoint endpoint =
            new TestEndpoint(
                UpstreamConfig.of(server.base()).withProtocol(Protocol.HTTP_2), CHAT)) {
      ask(endpoint).finished();
      List<Recorded> replies = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        replies.add(ask(endpoint));
      }
      replies.forEach(reply -> assertThat(reply.finished()).isNotNull());
      replies.forEach(reply -> assertThat(reply.text()).isEqualTo("héllo"));
      assertThat(server.connections()).isEqualTo(1);
      assertThat(endpoint.upstream().stats()).isEqualTo(new UpstreamStats(51, 1));
    }
  }

  @Test
  void stopResetsItsStreamAndNoOther() throws Exception {
    try (Http2Upstream server = new Http2Upstream(null);
        TestEndpoint endpoint =
            new TestEndpoint(
                UpstreamConfig.of(server.base()).withProtocol(Protocol.HTTP_2), CHAT)) {
      server.hold();
      Recorded reply = new Recorded();
      Generation generation = endpoint.provider(EndpointConfig.DEFAULT).generate(HELLO, reply);
      assertThat(reply.begun(10, TimeUnit.SECONDS)).isTrue();
      generation.stop();
      await().untilAsserted(() -> assertThat(server.resets()).isEqualTo(1));
      server.release();
      assertThat(ask(endpoint).finished()).isNotNull();
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void tlsAgreesOnHttp2AndIsVerified(@TempDir Path folder) throws Exception {
    X509Bundle own = certificate("localhost");
    Path pem = Files.writeString(folder.resolve("own.pem"), own.getCertificatePEM());
    try (Http2Upstream server = new Http2Upstream(own)) {
      UpstreamConfig config = UpstreamConfig.of(server.base());
      try (TestEndpoint trusting = new TestEndpoint(config.withTrusted(pem), CHAT)) {
        assertThat(ask(trusting).finished()).isNotNull();
        assertThat(ask(trusting).text()).isNotNull();
        assertThat(server.connections()).isEqualTo(1);
      }
      try (TestEndpoint strange = new TestEndpoint(config, CHAT)) {
        assertThat(ask(strange).failure().code()).isEqualTo(Code.UPSTREAM);
      }
      URI otherName = URI.create(server.base().toString().replace("localhost", "127.0.0.1"));
      try (TestEndpoint misled =
          new TestEndpoint(UpstreamConfig.of(otherName).withTrusted(pem), CHAT)) {
        assertThat(ask(misled).failure().code()).isEqualTo(Code.UPSTREAM);
      }
    }
  }

  @Test
  void connectionsAreAlsoKeptWhereTlsAgreesOnHttp1(@TempDir Path folder) throws Exception {
    X509Bundle own = certificate("localhost");
    Path pem = Files.writeString(folder.resolve("own.pem"), own.getCertificatePEM());
    SslContext tls =
        SslContextBuilder.forServer(own.getKeyPair().getPrivate(), own.getCertificatePath())
            .build();
    try (FakeUpstream server =
            new FakeUpstream(tls)
                .answering((body, client) -> client.later(5, () -> client.send(SHORT)));
        TestEndpoint endpoint =
            new TestEndpoint(UpstreamConfig.of(server.base()).withTrusted(pem), CHAT)) {
      for (int round = 0; round < 20; round++) {
        List<Recorded> replies = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          replies.add(ask(endpoint));
        }
        replies.forEach(reply -> assertThat(reply.finished()).isNotNull());
      }
      assertThat(endpoint.upstream().stats().reuse()).isGreaterThan(0.9);
    }
  }

  @Test
  void aWarmedUpstreamHasItsConnectionBeforeTheFirstReply() {
    try (FakeUpstream server =
            new FakeUpstream()
                .answering(
                    (body, client) -> client.send("HTTP/1.1 404 No\r\ncontent-length: 9\r\n\r\n"));
        TestEndpoint endpoint =
            new TestEndpoint(UpstreamConfig.of(server.base()).withConnections(1, 1), CHAT)) {
      endpoint.provider(EndpointConfig.DEFAULT).warm();
      endpoint.provider(EndpointConfig.DEFAULT).warm();
      await().until(() -> server.requests() == 1);
      assertThat(server.lastHead()).doesNotContain(TestEndpoint.KEY);
      server.answering((body, client) -> client.send(SHORT));
      assertThat(ask(endpoint).finished()).isNotNull();
      assertThat(server.accepted()).isEqualTo(1);
      assertThat(server.requests()).isEqualTo(2);
    }
  }

  @Test
  void whoFindsNeitherAConnectionNorRoomToWaitIsToldSo() {
    try (FakeUpstream server = new FakeUpstream().answering((body, client) -> {});
        TestEndpoint endpoint =
            new TestEndpoint(UpstreamConfig.of(server.base()).withConnections(1, 1), CHAT)) {
      Recorded reply = new Recorded();
      Generation held = endpoint.provider(EndpointConfig.DEFAULT).generate(HELLO, reply);
      await().until(() -> server.requests() == 1);
      Recorded waits = ask(endpoint);
      Recorded refused = ask(endpoint);
      assertThat(refused.failure().code()).isEqualTo(Code.QUEUE_FULL);
      server.answering((body, client) -> client.send(SHORT));
      held.stop();
      assertThat(waits.finished()).isNotNull();
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void everythingRunsOnTheLoopsItWasGiven() {
    try (FakeUpstream server = new FakeUpstream();
        TestEndpoint endpoint = new TestEndpoint(server.base(), CHAT)) {
      assertThat(ask(endpoint).failure().code()).isEqualTo(Code.DISCONNECTED);
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .noneMatch(name -> name.startsWith("reactor-"));
    }
  }

  @Test
  void anAddressThatIsNoneIsRefusedWithoutRepeatingItsSecrets() {
    for (String bad :
        List.of("ftp://a/v1", "https:///v1", "https://user:pass@a/v1", "https://a/v1?key=pass")) {
      assertThatThrownBy(() -> UpstreamConfig.of(URI.create(bad)))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("provider.url: ")
          .hasMessageNotContaining("pass");
    }
  }
}
