package dev.parley.conversation.budget;

import dev.parley.conversation.RunFailure;
import dev.parley.conversation.Usage;
import dev.parley.hub.Hub;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Message;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What replies took, kept in a stream with a message for each model of each, and budgets. Safe on
 * any thread; only {@link #open} blocks.
 *
 * <p>The stream is the truth: a deleted conversation does not give its user the budget back. The
 * sums in memory are made of it, at the start of what this month and the one before have, and then
 * of each reply as it ends. A reply counts from then on, so a budget is overrun by no more than
 * what runs at once; what runs is never cut.
 *
 * <p>The stream of a run is closed when its record is stored. So after a crash the record of a run
 * whose stream is open may be there or not, and the run is told again: what was recorded lately is
 * known by name.
 */
public final class Ledger implements Accounts {
  /** Where it is kept. */
  public static final StreamPath PATH = StreamPath.of("usage");

  private static final System.Logger LOG = System.getLogger(Ledger.class.getName());
  private static final StreamSpec SPEC = StreamSpec.of("application/json");
  private static final int MOST_RECENT = 16_384; // many times what can be stored and not closed
  private static final int MOST_SERIES = 1_000; // of metrics
  private static final String OTHERS = "others";
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS); // after a store that failed

  private final Hub hub;
  private final PriceList prices;
  private final Budgets budgets;
  private final InstantSource clock;
  private final Tally tally = new Tally();
  private final Map<Series, Spent> sinceStart = new ConcurrentHashMap<>();
  private final LongAdder refused = new LongAdder();
  private final Map<String, CompletableFuture<?>> recent = // by run; guarded by itself
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<?>> eldest) {
          return size() > MOST_RECENT;
        }
      };
  private volatile LocalDate oldest; // day of which sums are kept

  /** What is counted together in metrics. */
  public record Series(String provider, String persona) {}

  private Ledger(Hub hub, PriceList prices, Budgets budgets, InstantSource clock) {
    this.hub = hub;
    this.prices = prices;
    this.budgets = budgets;
    this.clock = clock;
    this.oldest = oldest(clock.instant());
  }

  /** Reads what is kept. Blocks. */
  public static Ledger open(Hub hub, PriceList prices, Budgets budgets, InstantSource clock) {
    Ledger ledger = new Ledger(hub, prices, budgets, clock);
    var _ = hub.create(PATH, SPEC).join();
    ledger.read();
    return ledger;
  }

  private static LocalDate oldest(Instant now) {
    return Span.of(Span.Length.MONTH, now).begin().minusMonths(1);
  }

  private void read() {
    Instant from = new Span(Span.Length.MONTH, oldest).start();
    long after = hub.store().offsetAt(PATH, from).join().orElse(0L);
    hub.readAll(PATH, after, this::read);
    tally.forgetBefore(oldest);
  }

  private void read(Message message) {
    try {
      Spending spending = SpendingJson.read(message.bytes());
      var before = recent.put(spending.run(), CompletableFuture.completedFuture(null));
      tally.add(spending, before == null);
    } catch (IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}, message {1}: {2}",
          PATH,
          message.offset(),
          e.getMessage());
    }
  }

  // --- for replies

  @Override
  public @Nullable RunFailure refusal(Asked asked, long nowMillis) {
    Instant now = Instant.ofEpochMilli(nowMillis);
    Standing last = null; // of those that are spent, the one that lasts longest
    for (Whose whose : List.of(new Whose(asked.user(), null), new Whose(null, asked.persona()))) {
      for (Standing standing : standings(whose, now)) {
        if (standing.isExhausted()
            && (last == null || standing.span().end().isAfter(last.span().end()))) {
          last = standing;
        }
      }
    }
    if (last == null) {
      return null;
    }
    refused.increment();
    return new RunFailure(
        RunFailure.OVER_BUDGET, last.message(), true, last.span().end().toEpochMilli());
  }

  @Override
  public CompletableFuture<?> record(String run, Asked asked, Usage usage, long atMillis) {
    CompletableFuture<Void> stored = new CompletableFuture<>();
    synchronized (recent) {
      CompletableFuture<?> before = recent.putIfAbsent(run, stored);
      if (before != null) {
        return before;
      }
    }
    List<Spending> spendings = Spending.of(run, asked, usage, prices, atMillis);
    for (int i = 0; i < spendings.size(); i++) {
      count(spendings.get(i), i == 0);
    }
    append(Append.of(spendings.stream().map(SpendingJson::write).toArray(byte[][]::new)), stored);
    return stored;
  }

  private void count(Spending spending, boolean first) {
    LocalDate day = oldest(clock.instant());
    if (!day.equals(oldest)) {
      oldest = day;
      tally.forgetBefore(day);
    }
    tally.add(spending, first);
    Series series = new Series(spending.asked().provider(), spending.asked().persona());
    boolean fits = sinceStart.containsKey(series) || sinceStart.size() < MOST_SERIES;
    sinceStart.merge(
        fits ? series : new Series(OTHERS, OTHERS), Spent.on(spending, first), Spent::plus);
  }

  private void append(Append records, CompletableFuture<Void> stored) {
    var _ =
        hub.append(PATH, records)
            .whenComplete((result, failure) -> {
              if (result instanceof AppendResult.Appended) {
                stored.complete(null);
              } else if (failure instanceof StoreException store
                  && store.code() == StoreException.Code.STOPPED) {
                LOG.log(System.Logger.Level.DEBUG, "{0}: told again at the next start", PATH);
              } else {
                LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} cannot be written: {1}",
                    PATH,
                    failure == null ? result : failure.toString());
                if (failure != null || result instanceof AppendResult.Missing) {
                  LATER.execute(() -> appendAgain(records, stored));
                } else {
                  stored.complete(null); // somebody closed it, and replies have to end
                }
              }
            });
  }

  /** Also when somebody has deleted the stream. */
  private void appendAgain(Append records, CompletableFuture<Void> stored) {
    var _ = hub.create(PATH, SPEC).whenComplete((_, _) -> append(records, stored));
  }

  // --- for who asks

  /** The first day of which sums are kept. */
  public LocalDate oldest() {
    return oldest;
  }

  /** What was spent in a day or month. */
  public Spent spent(Span span, Whose whose) {
    return tally.of(span, whose);
  }

  /** The same for each user with each persona. */
  public Map<Whose, Spent> each(Span span, Whose whose) {
    return tally.each(span, whose);
  }

  /** How the budgets of a user, or of a persona, stand. */
  public List<Standing> standings(Whose whose, Instant now) {
    List<Standing> standings = new ArrayList<>();
    for (Budget budget : budgets.of(whose)) {
      Span span = Span.of(budget.per(), now);
      standings.add(new Standing(whose, budget, span, tally.of(span, whose)));
    }
    return standings;
  }

  /** What replies took since the server started. */
  public Map<Series, Spent> sinceStart() {
    return Map.copyOf(sinceStart);
  }

  /** How many replies budgets have refused since the server started. */
  public long refused() {
    return refused.sum();
  }
}
