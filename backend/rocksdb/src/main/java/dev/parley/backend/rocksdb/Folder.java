package dev.parley.backend.rocksdb;

import dev.parley.stream.StoreException;
import dev.parley.stream.StoreException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The data folder: ours alone, and of a format we know. Held from opening to {@link #close}, from
 * any thread.
 *
 * <pre>
 * PARLEY   what this folder is and its format version; PARLEY.new while it is being made
 * lock     locked by the process that holds the folder, and naming it
 * rocks/   RocksDB's own files
 * </pre>
 */
final class Folder implements AutoCloseable {
  static final int FORMAT = 1;
  private static final String MARKER = "PARLEY";
  private static final String UNFINISHED = "PARLEY.new";
  private static final String LOCK = "lock";
  private static final String TITLE = "parley data folder";

  // File locks belong to the process, and closing any channel of the file gives them up (POSIX), so
  // a second opener in this process must not even look at the file.
  private static final Set<Path> HELD = new HashSet<>();

  private final Path path;
  private final FileChannel channel;
  private final boolean fresh;

  private Folder(Path path, FileChannel channel, boolean fresh) {
    this.path = path;
    this.channel = channel;
    this.fresh = fresh;
  }

  /**
   * @throws StoreException LOCKED when another store holds it, CORRUPT when it is not ours or too
   *     new, FULL or IO when the device fails
   */
  static Folder hold(Path folder, Instant now) {
    Path path;
    try {
      Files.createDirectories(folder);
      path = folder.toRealPath();
    } catch (IOException e) {
      throw failure(folder, e);
    }
    synchronized (HELD) {
      if (!HELD.add(path)) {
        throw locked(path, "another store of this process, pid " + ProcessHandle.current().pid());
      }
    }
    try {
      return lock(path, now);
    } catch (IOException e) {
      release(path);
      throw failure(path, e);
    } catch (RuntimeException e) {
      release(path);
      throw e;
    }
  }

  @SuppressWarnings("resource") // the channel lives as long as the folder is held
  private static Folder lock(Path path, Instant now) throws IOException {
    refuseForeign(path);
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw locked(path, read(channel));
      }
      sign(channel, now);
      return new Folder(path, channel, prepare(path, now));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void refuseForeign(Path path) throws IOException {
    if (Files.exists(path.resolve(MARKER)) || Files.exists(path.resolve(UNFINISHED))) {
      return;
    }
    try (Stream<Path> files = Files.list(path)) {
      Optional<Path> foreign =
          files
              .filter(f -> !List.of(LOCK, "lost+found").contains(String.valueOf(f.getFileName())))
              .sorted()
              .findFirst();
      if (foreign.isPresent()) {
        throw new StoreException(
            Code.CORRUPT,
            "data folder: "
                + foreign.get()
                + " is not Parley's (expected: an empty folder, or one"
                + " with a file "
                + MARKER
                + ")");
      }
    }
  }

  /** Checks the marker; true when the folder has never been finished. */
  private static boolean prepare(Path path, Instant now) throws IOException {
    Path marker = path.resolve(MARKER);
    if (!Files.exists(marker)) {
      Files.writeString(
          path.resolve(UNFINISHED), TITLE + "\nformat: " + FORMAT + "\ncreated: " + now + "\n");
      return true;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(marker);
    } catch (java.nio.charset.CharacterCodingException e) {
      lines = List.of();
    }
    if (lines.size() < 2 || !lines.get(0).equals(TITLE) || !lines.get(1).startsWith("format: ")) {
      throw new StoreException(
          Code.CORRUPT, "data folder: " + marker + " (expected: \"" + TITLE + "\" and its format)");
    }
    String format = lines.get(1).substring("format: ".length());
    if (!format.equals(String.valueOf(FORMAT))) {
      throw new StoreException(
          Code.CORRUPT,
          "data folder: "
              + marker
              + ": format: "
              + format
              + " (expected: "
              + FORMAT
              + "; a newer Parley wrote it)");
    }
    Path current = path.resolve("rocks").resolve("CURRENT");
    if (!Files.exists(current)) {
      // RocksDB would start afresh here, and all data would seem gone.
      throw new StoreException(Code.CORRUPT, "data folder: " + current + " is missing");
    }
    return false;
  }

  /** What the device or the system said, as a sentence. */
  static StoreException failure(Path path, IOException e) {
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    if (reason != null && reason.startsWith("No space left")) {
      return new StoreException(
          Code.FULL, "data folder: " + path + ": no space left (expected: some free space)", e);
    }
    String found =
        e instanceof FileSystemException f && f.getFile() != null ? f.getFile() : "" + path;
    String says =
        switch (e) {
          case FileAlreadyExistsException _ -> found + " is not a folder";
          case NoSuchFileException _ -> found + " is missing";
          case AccessDeniedException _ -> found + ": permission denied";
          default -> found + ": " + reason;
        };
    return new StoreException(
        Code.IO,
        "data folder: "
            + says
            + " (expected: a folder that user "
            + System.getProperty("user.name")
            + " may read and write)",
        e);
  }

  private static StoreException locked(Path path, String holder) {
    return new StoreException(
        Code.LOCKED,
        "data folder: " + path + " is held by " + holder + " (expected: one server a folder)");
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(200);
    channel.read(text, 0);
    String holder = StandardCharsets.UTF_8.decode(text.flip()).toString().strip();
    return holder.isEmpty() ? "another process" : holder;
  }

  private static void sign(FileChannel channel, Instant now) throws IOException {
    String holder = "pid " + ProcessHandle.current().pid() + ", since " + now + "\n";
    channel.truncate(0);
    ByteBuffer text = StandardCharsets.UTF_8.encode(holder);
    while (text.hasRemaining()) {
      channel.write(text);
    }
  }

  /** Whether it holds no data yet. */
  boolean fresh() {
    return fresh;
  }

  Path database() {
    return path.resolve("rocks");
  }

  Path path() {
    return path;
  }

  /** From here on the folder is known to hold data. */
  void finish() {
    if (!fresh) {
      return;
    }
    try {
      Files.move(path.resolve(UNFINISHED), path.resolve(MARKER), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure(path, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close(); // and gives up the lock
    } catch (IOException e) {
      // The process gives the lock up when it ends.
    } finally {
      release(path);
    }
  }

  private static void release(Path path) {
    synchronized (HELD) {
      HELD.remove(path);
    }
  }
}
