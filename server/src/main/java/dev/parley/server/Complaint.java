package dev.parley.server;

import dev.parley.stream.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/** Why a command ended, in words for a tired person, and its exit code. */
record Complaint(int exitCode, List<String> lines) {
  static Complaint of(Exception exception) {
    return switch (exception) {
      case ConfigException e -> {
        List<String> lines = new ArrayList<>();
        lines.add("parley: the configuration cannot be used:");
        e.problems().forEach(problem -> lines.add("  " + problem));
        yield new Complaint(Main.USAGE, lines);
      }
      case StoreException e -> new Complaint(Main.FAILURE, List.of("parley: " + e.getMessage()));
      case NoSuchFileException e ->
          new Complaint(Main.FAILURE, List.of("parley: " + e.getMessage() + ": no such file"));
      case AccessDeniedException e ->
          new Complaint(Main.FAILURE, List.of("parley: " + e.getMessage() + ": not readable"));
      case IOException e -> new Complaint(Main.FAILURE, List.of("parley: " + e.getMessage()));
      default -> {
        StringWriter trace = new StringWriter();
        exception.printStackTrace(new PrintWriter(trace));
        yield new Complaint(
            Main.FAILURE, List.of("parley: this should not have happened:", trace.toString()));
      }
    };
  }
}
