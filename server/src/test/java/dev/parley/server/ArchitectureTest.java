package dev.parley.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;

/** Who may depend on whom. */
@AnalyzeClasses(packages = "dev.parley", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String[] ANNOTATIONS = {"java..", "javax..", "jdk..", "org.jspecify.."};
  private static final String[] CONVERSATION_WIRE = {
    "dev.parley.stream..",
    "dev.parley.hub..",
    "dev.parley.transport..",
    "dev.parley.conversation..",
    "io.netty..",
    "tools.jackson.."
  };

  @ArchTest static final ArchRule STREAM_KNOWS_THE_JDK_ONLY = only("stream");

  @ArchTest
  static final ArchRule TELEMETRY_KNOWS_HISTOGRAMS_ONLY = only("telemetry", "org.HdrHistogram..");

  @ArchTest static final ArchRule HUB_KNOWS_STREAMS_ONLY = only("hub", "dev.parley.stream..");

  @ArchTest
  static final ArchRule CONVERSATIONS_KNOW_STREAMS_HUB_AND_JSON =
      only(
          "conversation",
          "dev.parley.stream..",
          "dev.parley.hub..",
          "tools.jackson..",
          "com.sun.management"); // how busy the processors are

  @ArchTest
  static final ArchRule WHAT_A_CONVERSATION_IS_KNOWS_NOTHING_THAT_RUNS =
      noClasses()
          .that()
          .resideInAnyPackage("dev.parley.conversation", "dev.parley.conversation.provider")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.parley.hub..", "dev.parley.conversation.run..");

  @ArchTest
  static final ArchRule PROVIDERS_KNOW_CONVERSATIONS_AND_THEIR_CLIENT =
      only(
          "provider",
          "dev.parley.conversation..",
          "io.netty..",
          "reactor..",
          "org.reactivestreams..",
          "tools.jackson..",
          "com.github.benmanes.caffeine..",
          "io.github.resilience4j..");

  @ArchTest
  static final ArchRule TOOL_CALLS_KNOW_CONVERSATIONS_AND_WEBHOOKS =
      only("toolcall", "dev.parley.conversation..", "dev.parley.webhook..", "tools.jackson..");

  @ArchTest
  static final ArchRule THE_HTTP_CLIENT_STAYS_WHERE_CONNECTIONS_ARE =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.parley.provider.http..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("reactor..", "org.reactivestreams..");

  @ArchTest static final ArchRule TRANSPORT_KNOWS_NETTY_ONLY = only("transport", "io.netty..");

  @ArchTest static final ArchRule WEBHOOKS_KNOW_THE_JDK_ONLY = only("webhook");

  @ArchTest static final ArchRule THE_SOCKET_IO_INTERFACES_KNOW_THE_JDK_ONLY = only("socketio");

  @ArchTest static final ArchRule REST_KNOWS_CONVERSATIONS = conversationWire("wire.rest");

  @ArchTest static final ArchRule THE_AI_SDK_KNOWS_CONVERSATIONS = conversationWire("wire.aisdk");

  @ArchTest
  static final ArchRule TALK_KNOWS_CONVERSATIONS_AND_SOCKET_IO =
      conversationWire("wire.talk", "dev.parley.socketio..", "dev.parley.wire.socketio..");

  @ArchTest static final ArchRule OPENAI_KNOWS_CONVERSATIONS = conversationWire("wire.openai");

  @ArchTest
  static final ArchRule BACKENDS_KNOW_STREAMS_HUB_AND_THEIR_DRIVER =
      only("backend", "dev.parley.stream..", "dev.parley.hub..", "org.rocksdb..");

  @ArchTest
  static final ArchRule WIRES_KNOW_NEITHER_STORES_NOR_SERVER =
      noClasses()
          .that()
          .resideInAPackage("dev.parley.wire..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.parley.backend..",
              "dev.parley.server..",
              "dev.parley.console..",
              "dev.parley.telemetry..");

  @ArchTest
  static final ArchRule NOTHING_DEPENDS_ON_THE_SERVER =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.parley.server..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.parley.server..");

  private static ArchRule only(String module, String... allowed) {
    String own = "dev.parley." + module + "..";
    String[] all = new String[ANNOTATIONS.length + allowed.length + 1];
    System.arraycopy(ANNOTATIONS, 0, all, 0, ANNOTATIONS.length);
    System.arraycopy(allowed, 0, all, ANNOTATIONS.length, allowed.length);
    all[all.length - 1] = own;
    return classes()
        .that()
        .resideInAPackage(own)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(all);
  }

  private static ArchRule conversationWire(String name, String... more) {
    String[] all = Arrays.copyOf(more, more.length + CONVERSATION_WIRE.length);
    System.arraycopy(CONVERSATION_WIRE, 0, all, more.length, CONVERSATION_WIRE.length);
    return only(name, all);
  }
}
