package dev.parley.bench;

import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The JMH benchmarks of the hot paths. */
@Command(
    name = "hot-paths",
    description = "JMH: record codec, append to a store in memory, the frame shared by followers.")
final class HotPathsCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      defaultValue = ".*",
      description = "Regular expression over the benchmarks' names.")
  private String include = ".*";

  @Override
  public Integer call() throws Exception {
    new Runner(
            new OptionsBuilder()
                .include(include)
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1))
                .build())
        .run();
    return 0;
  }
}
