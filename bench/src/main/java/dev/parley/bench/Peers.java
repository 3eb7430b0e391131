package dev.parley.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The servers of others in {@code bench/peer}, fetched and built the first time. Stateless. */
final class Peers {
  private Peers() {}

  /** The folder with the npm peers, {@code module} among its modules. */
  static Path npm(Path root, String module) throws IOException, InterruptedException {
    Path folder = folder(root);
    if (!Files.isDirectory(folder.resolve("node_modules").resolve(module))) {
      run(folder, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock");
    }
    return folder;
  }

  /** The class path of the Java peers. */
  static String classPath(Path root) throws IOException, InterruptedException {
    Path folder = folder(root);
    Path archive = folder.resolve("target/parley-bench-peer.jar");
    if (!Files.exists(archive)) {
      run(root, root.resolve("mvnw").toString(), "-q", "-f", folder.toString(), "package");
    }
    return archive + File.pathSeparator + folder.resolve("target/lib") + "/*";
  }

  private static Path folder(Path root) {
    return root.resolve("bench/peer");
  }

  private static void run(Path folder, String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).directory(folder.toFile()).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(
          "the peer could not be fetched: " + String.join(" ", command) + " in " + folder);
    }
  }
}
