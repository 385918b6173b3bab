// Decisions a second of the real engine, run loop and store, against two yardsticks: RocksDB alone
// that is given the same batches, and the least that a dialler on RocksDB can do. All three dial in
// turns, a segment each, so that what else the machine does meets all of them.
//
//   decision_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N] [--decisions N]
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/bench/bare_replay.h"
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/dialler.h"
#include "tests/bench/minimal_loop.h"

namespace outdial::bench {
namespace {

constexpr double kWantedOfReplay = 0.5;
constexpr double kWantedOfMinimal = 0.5;
constexpr double kWantedPerSecond = 12000;
constexpr int kSegments = 9;

// Decisions a second in each segment.
struct Rates {
  std::vector<double> engine, replay, minimal;
};

std::vector<double> Divide(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> ratios;
  for (size_t i = 0; i < a.size(); ++i) ratios.push_back(a[i] / b[i]);
  return ratios;
}

Rates Measure(const std::string& filled, const BenchFlags& flags) {
  const TemporaryDirectory directory;
  CopyStore(filled, directory.path() + "/engine");
  CopyStore(filled, directory.path() + "/replay");
  MinimalLoop minimal(directory.path() + "/minimal", flags.entries);
  BareReplay replay(directory.path() + "/replay");
  Dialler dialler(directory.path() + "/engine",
                  [&replay](std::unique_ptr<storage::KeyValueStore> store) {
                    return std::make_unique<RecordingStore>(std::move(store), &replay);
                  });
  Rates rates;
  for (int segment = 0; segment <= kSegments; ++segment) {
    const double engine = flags.decisions / (dialler.Decide(flags.decisions) - replay.taking());
    const double bare = flags.decisions / replay.Run();
    const double least = flags.decisions / minimal.Decide(flags.decisions);
    std::printf("  %s: engine %.0f, replay %.0f, minimal %.0f decisions a second\n",
                segment == 0 ? "warm-up" : "segment", engine, bare, least);
    std::fflush(stdout);
    if (segment == 0) continue;
    rates.engine.push_back(engine);
    rates.replay.push_back(bare);
    rates.minimal.push_back(least);
  }
  return rates;
}

void Tell(const Rates& rates, const BenchFlags& flags) {
  const std::string how =
      absl::StrCat(flags.entries, " entries, every commit synced, groups of ", Dialler::kGroup,
                   ", ", flags.decisions, " decisions a run, in turns");
  const double engine = Median(rates.engine);
  Report({.row = "decisions_vs_replay",
          .what = "decisions with their outcomes, against RocksDB alone with the same batches",
          .unit = "ratio",
          .value = Median(Divide(rates.engine, rates.replay)),
          .wanted = kWantedOfReplay,
          .measured = engine,
          .yardstick = Median(rates.replay),
          .of = "/s",
          .runs = kSegments,
          .how = how},
         flags.json);
  Report({.row = "decisions_vs_minimal_loop",
          .what = "decisions with their outcomes, against a loop of four writes a decision",
          .unit = "ratio",
          .value = Median(Divide(rates.engine, rates.minimal)),
          .wanted = kWantedOfMinimal,
          .measured = engine,
          .yardstick = Median(rates.minimal),
          .of = "/s",
          .runs = kSegments,
          .how = how + "; the loop has two commits a group, one of marks and one of outcomes"},
         flags.json);
  Report({.row = "decisions_per_second",
          .what = "decisions with their outcomes, everything included",
          .unit = "/s",
          .value = engine,
          .wanted = kWantedPerSecond,
          .runs = kSegments,
          .how = how},
         flags.json);
}

int Main(int argc, char** argv) {
  BenchFlags flags;
  CLI::App app("Decisions a second against two yardsticks", "decision_bench");
  AddBenchFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  const FilledStore filled(&flags);
  Tell(Measure(filled.path(), flags), flags);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
