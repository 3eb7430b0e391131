package dev.parley.bench;

import java.io.IOException;
import java.net.URI;

/** Asks a server for conversations and replies over one connection. Confined to one thread. */
final class Asker implements AutoCloseable {
  private final Connection connection;

  Asker(URI server) throws IOException {
    connection = new Connection(server);
  }

  /** Makes a conversation. */
  void create(String room, String persona, String person) throws IOException {
    post(
        201,
        "/api/conversations?person=" + person,
        "{\"id\":\"" + room + "\",\"persona\":\"" + persona + "\"}");
  }

  /** Says something there, which {@code run} is to answer. */
  void say(String room, String run, String person) throws IOException {
    post(
        202,
        "/api/conversations/" + room + "/turns?person=" + person,
        "{\"text\":\"Go on.\",\"run\":\"" + run + "\"}");
  }

  /** Stops a reply. */
  void stop(String run, String person) throws IOException {
    post(202, "/api/runs/" + run + "/stop?person=" + person, "{}");
  }

  /** Lets somebody else in, to read. */
  void invite(String room, String guest, String person) throws IOException {
    send(
        204,
        "PUT",
        "/api/conversations/" + room + "/members/" + guest + "?person=" + person,
        "{\"role\":\"reader\"}");
  }

  /** Has another persona answer from now on. */
  void switchPersona(String room, String persona, String person) throws IOException {
    send(
        200,
        "PATCH",
        "/api/conversations/" + room + "?person=" + person,
        "{\"persona\":\"" + persona + "\"}");
  }

  private void post(int expected, String path, String body) throws IOException {
    send(expected, "POST", path, body);
  }

  private void send(int expected, String method, String path, String body) throws IOException {
    int status = connection.exchange(connection.request(method, path, "application/json", body));
    if (status != expected) {
      throw new IOException(
          method + " " + path + ": status " + status + " (expected: " + expected + ")");
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
