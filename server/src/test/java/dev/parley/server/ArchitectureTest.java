package dev.parley.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may depend on whom. */
@AnalyzeClasses(packages = "dev.parley", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String[] ANNOTATIONS = {"java..", "javax..", "jdk..", "org.jspecify.."};

  @ArchTest static final ArchRule STREAM_KNOWS_THE_JDK_ONLY = only("stream");

  @ArchTest
  static final ArchRule TELEMETRY_KNOWS_HISTOGRAMS_ONLY = only("telemetry", "org.HdrHistogram..");

  @ArchTest static final ArchRule HUB_KNOWS_STREAMS_ONLY = only("hub", "dev.parley.stream..");

  @ArchTest static final ArchRule TRANSPORT_KNOWS_NETTY_ONLY = only("transport", "io.netty..");

  @ArchTest static final ArchRule THE_SOCKET_IO_INTERFACES_KNOW_THE_JDK_ONLY = only("socketio");

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
}
