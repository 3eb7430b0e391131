package dev.parley.transport;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Collects buffers that were garbage collected without a release. Any thread. */
final class Leaks {
  private static final List<String> FOUND = new CopyOnWriteArrayList<>();

  private Leaks() {}

  /** Before any buffer class is loaded. */
  static void watch() {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
        new ResourceLeakDetectorFactory() {
          @Override
          @SuppressWarnings("deprecation") // abstract in the class it extends
          public <T> ResourceLeakDetector<T> newResourceLeakDetector(
              Class<T> resource, int samplingInterval, long maxActive) {
            return recording(resource, samplingInterval);
          }
        });
  }

  private static <T> ResourceLeakDetector<T> recording(Class<T> resource, int samplingInterval) {
    return new ResourceLeakDetector<>(resource, samplingInterval) {
      @Override
      protected void reportTracedLeak(String type, String records) {
        FOUND.add(type + records);
      }

      @Override
      protected void reportUntracedLeak(String type) {
        FOUND.add(type);
      }
    };
  }

  /** What was found once the collector has run and new buffers made the detector look. */
  static List<String> found() {
    for (int i = 0; i < 3; i++) {
      System.gc();
      for (int j = 0; j < 200; j++) {
        io.netty.buffer.ByteBufAllocator.DEFAULT.directBuffer(16).release();
      }
    }
    return List.copyOf(FOUND);
  }
}
