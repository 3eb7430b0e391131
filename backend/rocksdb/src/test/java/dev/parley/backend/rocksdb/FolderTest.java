package dev.parley.backend.rocksdb;

import static dev.parley.stream.StoreFixture.append;
import static dev.parley.stream.StoreFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.stream.StoreException;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which folders a store opens, and what it says of the others. */
final class FolderTest {
  private static final StreamPath A = StreamPath.of("a");

  @TempDir Path folder;
  @TempDir Path copies;

  private RocksStore open() {
    return RocksStore.open(
        RocksConfig.defaults(folder),
        StreamPolicies.uniform(StreamPolicy.DEFAULT),
        InstantSource.system());
  }

  private void fill() {
    try (RocksStore store = open()) {
      await(store.create(A, StreamSpec.of("text/plain")));
      await(store.append(A, append("1", "2")));
    }
  }

  private static void assertRefused(
      ThrowingCallable opening, StoreException.Code code, String... says) {
    assertThatThrownBy(opening)
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContainingAll(says);
  }

  @Test
  void aForeignFolderIsRefusedAndLeftAlone() throws IOException {
    Path foreign = Files.writeString(folder.resolve("thesis.txt"), "years of work");

    assertRefused(this::open, StoreException.Code.CORRUPT, foreign.toString());
    assertThat(folder).isDirectoryContaining(f -> f.equals(foreign));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(foreign);
    }
  }

  @Test
  void aMissingFolderIsMade() {
    folder = folder.resolve("not/yet/there");

    fill();

    assertThat(folder.resolve("PARLEY")).isRegularFile();
  }

  @Test
  void aFolderWhoseMakingWasCutShortIsMadeAgain() throws IOException {
    Files.writeString(folder.resolve("PARLEY.new"), "parl");
    Files.createDirectory(folder.resolve("rocks"));

    fill();

    assertThat(folder.resolve("PARLEY")).isRegularFile();
  }

  @Test
  void aNewerFormatIsRefused() throws IOException {
    fill();
    Path marker = folder.resolve("PARLEY");
    Files.writeString(marker, Files.readString(marker).replace("format: 1", "format: 2"));

    assertRefused(
        this::open, StoreException.Code.CORRUPT, marker.toString(), "format: 2 (expected: 1");
  }

  @Test
  void aDamagedMarkerIsRefused() throws IOException {
    fill();
    Path marker = folder.resolve("PARLEY");
    Files.write(marker, new byte[] {(byte) 0xff, 0, 1});

    assertRefused(this::open, StoreException.Code.CORRUPT, marker.toString());
  }

  @Test
  void lostDataIsNotTakenForAFreshStart() throws IOException {
    fill();
    Path current = folder.resolve("rocks/CURRENT");
    Files.delete(current);

    assertRefused(this::open, StoreException.Code.CORRUPT, current.toString(), "missing");
  }

  @Test
  void aDamagedManifestIsRefusedByName() throws IOException {
    fill();
    Path manifest = only("MANIFEST-");
    overwrite(manifest, 20, 40);

    assertRefused(this::open, StoreException.Code.CORRUPT, folder.toString(), "MANIFEST");
  }

  @Test
  void aMissingTableIsRefusedByName() throws IOException {
    fill();
    Path table = files(".sst").getFirst();
    Files.delete(table);

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(String.valueOf(table.getFileName()));
  }

  @Test
  void theSecondOpenerInThisProcessHearsWhoHoldsTheFolder() {
    try (RocksStore first = open()) {
      await(first.create(A, StreamSpec.of("text/plain")));

      assertRefused(this::open, StoreException.Code.LOCKED, "pid " + ProcessHandle.current().pid());
      assertThat(await(first.head(A))).isPresent();
      assertRefused(this::open, StoreException.Code.LOCKED, folder.toString());
    }
    open().close();
  }

  @Test
  void theSecondProcessHearsWhoHoldsTheFolder() throws Exception {
    try (CrashWriter.Child child = CrashWriter.start(folder, 1)) {
      child.awaitAcknowledged(1);

      assertRefused(this::open, StoreException.Code.LOCKED, "pid " + child.pid());
    }
    open().close();
  }

  @Test
  void aTornEndOfTheLogLosesOnlyWhatIsTorn() throws IOException {
    Path torn = copies.resolve("torn");
    try (RocksStore store = open()) {
      await(store.create(A, StreamSpec.of("text/plain")));
      await(store.append(A, append("1")));
      await(store.append(A, append("torn")));
      DataFolders.copy(folder, torn);
    }
    folder = torn;
    Path log = only(".log");
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
      file.setLength(file.length() - 3);
    }

    // Twice, because the torn log stays behind a newer one.
    for (int start = 0; start < 2; start++) {
      Path next = copies.resolve("torn-" + start);
      try (RocksStore store = open()) {
        assertThat(await(store.head(A)).orElseThrow().tail()).isEqualTo(1 + start);
        assertThat(store.lastChange()).isEqualTo(2 + start);
        await(store.append(A, append("after")));
        DataFolders.copy(folder, next);
      }
      folder = next;
    }
  }

  @Test
  void damageInTheMiddleOfTheLogIsNotPassedOver() throws IOException {
    Path damaged = copies.resolve("damaged");
    try (RocksStore store = open()) {
      await(store.create(A, StreamSpec.of("text/plain")));
      for (int i = 0; i < 100; i++) {
        await(store.append(A, append("message " + i)));
      }
      DataFolders.copy(folder, damaged);
    }
    folder = damaged;
    Path log = only(".log");
    overwrite(log, (int) (Files.size(log) / 2), 4);

    assertRefused(
        this::open,
        StoreException.Code.CORRUPT,
        "checksum mismatch in the write-ahead log [" + log + "] (expected: as it was written)");
  }

  @Test
  void aFileInPlaceOfTheFolderIsNamed() throws IOException {
    folder = Files.writeString(folder.resolve("data"), "a file");

    assertRefused(
        this::open,
        StoreException.Code.IO,
        "data folder: " + folder + " is not a folder (expected: a folder that user ");
  }

  @Test
  void aReadOnlyDeviceIsNamed() throws Exception {
    mounted(
        "ro",
        () ->
            assertRefused(
                this::open,
                StoreException.Code.IO,
                "data folder: " + folder,
                "Read-only file system (expected: "));
  }

  @Test
  void aDeviceWithoutRoomIsNamed() throws Exception {
    mounted(
        "size=4k,nr_inodes=1",
        () ->
            assertRefused(
                this::open,
                StoreException.Code.FULL,
                "data folder: " + folder + ": no space left (expected: some free space)"));
  }

  private void mounted(String options, Runnable test) throws Exception {
    Assumptions.assumeTrue(
        DataFolders.run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString()) == 0,
        "cannot mount a tmpfs here");
    try {
      test.run();
    } finally {
      assertThat(DataFolders.run("umount", folder.toString())).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource
  void whatTheSystemSaysIsASentence(IOException said, StoreException.Code code, String sentence) {
    assertThat(Folder.failure(Path.of("/data"), said))
        .hasMessage("data folder: " + sentence.replace("USER", System.getProperty("user.name")))
        .extracting(StoreException::code)
        .isEqualTo(code);
  }

  static Stream<Arguments> whatTheSystemSaysIsASentence() {
    String expected = " (expected: a folder that user USER may read and write)";
    return Stream.of(
        Arguments.of(
            new AccessDeniedException("/data/lock"),
            StoreException.Code.IO,
            "/data/lock: permission denied" + expected),
        Arguments.of(
            new NoSuchFileException("/data"),
            StoreException.Code.IO,
            "/data is missing" + expected),
        Arguments.of(
            new FileSystemException("/data/lock", null, "Read-only file system"),
            StoreException.Code.IO,
            "/data/lock: Read-only file system" + expected),
        Arguments.of(
            new IOException("Input/output error"),
            StoreException.Code.IO,
            "/data: Input/output error" + expected),
        Arguments.of(
            new IOException("No space left on device"),
            StoreException.Code.FULL,
            "/data: no space left (expected: some free space)"));
  }

  private Path only(String part) throws IOException {
    List<Path> found = files(part).stream().filter(f -> f.toFile().length() > 0).toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  private List<Path> files(String part) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("rocks"))) {
      return files.filter(f -> String.valueOf(f.getFileName()).contains(part)).sorted().toList();
    }
  }

  private static void overwrite(Path path, int from, int length) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    for (int i = from; i < Math.min(bytes.length, from + length); i++) {
      bytes[i] ^= 0x5a;
    }
    Files.write(path, bytes);
  }
}
