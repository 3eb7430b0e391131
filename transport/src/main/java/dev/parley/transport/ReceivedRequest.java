package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request that has arrived whole. Confined to the connection's loop. */
record ReceivedRequest(Intake intake, ByteBuf body, String scheme, InetSocketAddress remote)
    implements Request {
  @Override
  public String method() {
    return intake.head.method().name();
  }

  @Override
  public String path() {
    return intake.target.path();
  }

  @Override
  public String target() {
    return intake.head.uri();
  }

  @Override
  public @Nullable String query(String name) {
    List<String> parameters = intake.target.parameters();
    for (int i = 0; i < parameters.size(); i += 2) {
      if (parameters.get(i).equals(name)) {
        return parameters.get(i + 1);
      }
    }
    return null;
  }

  @Override
  public List<String> queryAll(String name) {
    List<String> parameters = intake.target.parameters();
    List<String> values = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i += 2) {
      if (parameters.get(i).equals(name)) {
        values.add(parameters.get(i + 1));
      }
    }
    return values;
  }

  @Override
  public HttpHeaders headers() {
    return intake.head.headers();
  }

  @Override
  public @Nullable String header(String name) {
    return intake.head.headers().get(name);
  }

  @Override
  public boolean isWebSocketUpgrade() {
    return WebSocketHandshake.isUpgrade(intake.head);
  }

  @Override
  public String authority() {
    return intake.authority();
  }
}
