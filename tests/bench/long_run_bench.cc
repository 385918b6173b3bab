// What dialling costs after a long time of it: the 99th percentile of one round after two million
// decisions against that at the start, and the bytes that reach the disk for a dialing.
//
// "At the start" is another copy of the same store, dialled in turns with the old one at the end,
// so that what else the machine does then meets both.
//
//   long_run_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N] [--decisions N]
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/dialler.h"
#include "tests/bench/percentile.h"

namespace outdial::bench {
namespace {

constexpr double kWantedGrowth = 1.5;
constexpr double kWantedBytes = 6000;
constexpr int kDecisions = 2000000;
constexpr int kQuickDecisions = 100000;
constexpr int kTurns = 10;
// Of each store in a turn: as many rounds as a percentile needs.
constexpr int kTurnDecisions = 500 * Dialler::kGroup;
constexpr int kQuickTurnDecisions = 100 * Dialler::kGroup;

// The 99th percentile of a round of so many decisions, in milliseconds.
double RoundOf(Dialler* dialler, int decisions) {
  std::vector<double> seconds;
  dialler->Decide(decisions, &seconds);
  return 1000 * Percentile(std::move(seconds), 99);
}

// What this process has written to the disk so far, as the kernel counts it: the log, the tables
// and their compactions.
uint64_t BytesWritten() {
  std::ifstream file("/proc/self/io");
  std::string name;
  uint64_t value = 0;
  while (file >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  OUTDIAL_CHECK(false, "the kernel counts what a process writes");
}

int Main(int argc, char** argv) {
  BenchFlags flags;
  CLI::App app("Rounds after a long time, and bytes written for a dialing", "long_run_bench");
  AddBenchFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  const int decisions =
      flags.decisions > 0 ? flags.decisions : (flags.quick ? kQuickDecisions : kDecisions);
  const int turn = flags.quick ? kQuickTurnDecisions : kTurnDecisions;
  const FilledStore filled(&flags);
  const TemporaryDirectory directory;
  CopyStore(filled.path(), directory.path() + "/old");
  CopyStore(filled.path(), directory.path() + "/fresh");
  Dialler old(directory.path() + "/old");
  old.Decide(turn);  // warm
  const uint64_t before = BytesWritten();
  old.Decide(decisions);
  const uint64_t bytes = BytesWritten() - before;
  Dialler fresh(directory.path() + "/fresh");
  fresh.Decide(turn);  // warm
  std::vector<double> olds, freshes, ratios;
  for (int i = 0; i < kTurns; ++i) {
    olds.push_back(RoundOf(&old, turn));
    freshes.push_back(RoundOf(&fresh, turn));
    ratios.push_back(olds.back() / freshes.back());
  }
  const std::string how =
      absl::StrCat(flags.entries, " entries, ", decisions,
                   " decisions, every commit synced, groups of ", Dialler::kGroup);
  Report({.row = "round_after_long_run",
          .what = "99th percentile of a round after a long run, against that at the start",
          .unit = "ratio",
          .value = Median(ratios),
          .wanted = kWantedGrowth,
          .higher_is_better = false,
          .measured = Median(olds),
          .yardstick = Median(freshes),
          .of = "ms",
          .runs = kTurns,
          .how = absl::StrCat(how, "; then ", turn, " a turn on it and on a fresh copy")},
         flags.json);
  Report({.row = "bytes_per_dialing",
          .what = "bytes written to the disk for a dialing, compactions included",
          .unit = "bytes",
          .value = static_cast<double>(bytes) / decisions,
          .wanted = kWantedBytes,
          .higher_is_better = false,
          .how = how},
         flags.json);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
