package dev.parley.backend.rocksdb;

import static dev.parley.stream.StoreFixture.await;
import static dev.parley.stream.StoreFixture.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.Message;
import dev.parley.stream.StoreFixture;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What version 1 wrote stays readable. {@link KeptFolder} made the folder. */
final class KeptFolderTest {
  @TempDir Path folder;

  @BeforeEach
  void unzip() throws IOException {
    try (InputStream kept =
            Objects.requireNonNull(getClass().getResourceAsStream("/format-1.zip"));
        ZipInputStream zip = new ZipInputStream(kept)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path target = folder.resolve(entry.getName());
        Files.createDirectories(target.resolve(".."));
        Files.copy(zip, target);
      }
    }
  }

  @Test
  void aFolderOfFormatOneIsReadInFull() {
    try (RocksStore store = KeptFolder.open(folder)) {
      StreamInfo chat = await(store.head(KeptFolder.CHAT)).orElseThrow();
      assertThat(chat.first()).isEqualTo(2);
      assertThat(chat.tail()).isEqualTo(4);
      assertThat(chat.bytes()).isEqualTo(6);
      assertThat(chat.closed()).isTrue();
      assertThat(chat.createdAt()).isEqualTo(KeptFolder.CLOCK.millis());
      assertThat(texts(read(store, KeptFolder.CHAT))).containsExactly("22", "333", "4");
      assertThat(read(store, KeptFolder.CHAT).getLast().producer()).isEqualTo(KeptFolder.LAST);
      assertThat(read(store, KeptFolder.CHAT))
          .extracting(Message::startsAppend)
          .containsExactly(true, false, true);

      List<Message> fork = read(store, KeptFolder.FORK);
      assertThat(texts(fork)).containsExactly("1", "2", "own");
      assertThat(fork.getFirst().headers()).isEqualTo(Map.of("trace", "abc"));
      assertThat(fork.getFirst().payload().sealedUnder()).isEqualTo("key-7");
      assertThat(fork.getFirst().producer()).isEqualTo(KeptFolder.STAMP);

      assertThat(await(store.head(KeptFolder.SOFT)).orElseThrow().deleted()).isTrue();
      assertThat(texts(read(store, KeptFolder.HEIR))).containsExactly("{}");
      assertThat(await(store.head(KeptFolder.GONE))).isEmpty();
      assertThat(await(store.head(KeptFolder.LIVING)).orElseThrow().ttlSeconds()).isEqualTo(3600);
      assertThat(await(store.changes(0, 100)))
          .extracting(Change::kind)
          .containsExactly(
              Change.Kind.CREATED,
              Change.Kind.APPENDED,
              Change.Kind.APPENDED,
              Change.Kind.CREATED,
              Change.Kind.APPENDED,
              Change.Kind.TRIMMED,
              Change.Kind.CREATED,
              Change.Kind.APPENDED,
              Change.Kind.CREATED,
              Change.Kind.DELETED,
              Change.Kind.CREATED,
              Change.Kind.DELETED,
              Change.Kind.CREATED,
              Change.Kind.CLOSED);
    }
  }

  @Test
  void aFolderOfFormatOneIsWrittenOn() {
    try (RocksStore store = KeptFolder.open(folder)) {
      Append closing =
          new Append(StoreFixture.payloads("4"), null, KeptFolder.LAST, "seq-2", 3, true);
      assertThat(await(store.append(KeptFolder.CHAT, closing)))
          .isInstanceOf(AppendResult.Duplicate.class);
      assertThat(await(store.append(KeptFolder.FORK, StoreFixture.append("more"))))
          .isInstanceOf(AppendResult.Appended.class);
      assertThat(store.lastChange()).isEqualTo(15);
    }
  }

  private static List<Message> read(RocksStore store, StreamPath path) {
    return await(store.read(path, 0, 100, 10_000)).orElseThrow().messages();
  }
}
