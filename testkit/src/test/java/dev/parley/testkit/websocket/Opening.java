package dev.parley.testkit.websocket;

/**
 * One line of the table of handshakes. A value.
 *
 * @param section of the standard that decides
 * @param answer its status, then the extensions agreed on, or the version that is asked for
 */
record Opening(String name, String section, Handshake request, String answer) {
  @Override
  public String toString() {
    return section + ": " + name;
  }
}
