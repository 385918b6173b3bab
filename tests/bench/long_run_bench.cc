// What dialling costs after a long time of it: the 99th percentile of one round after two million
// decisions against that at the start, and the bytes that reach the disk for a dialing.
//
//   long_run_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N] [--decisions N]
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/dialler.h"

namespace outdial::bench {
namespace {

constexpr double kWantedGrowth = 1.5;
constexpr double kWantedBytes = 6000;
constexpr int kDecisions = 2000000;
constexpr int kQuickDecisions = 200000;
// Of each end: as many rounds as a percentile needs.
constexpr size_t kRounds = 2000;
constexpr size_t kQuickRounds = 1000;

double Percentile99(std::vector<double> values) {
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 99 / 100);
  std::nth_element(values.begin(), place, values.end());
  return *place;
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
  flags.decisions = 0;
  CLI::App app("Rounds after a long time, and bytes written for a dialing", "long_run_bench");
  AddBenchFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  const int decisions =
      flags.decisions > 0 ? flags.decisions : (flags.quick ? kQuickDecisions : kDecisions);
  const size_t rounds = flags.quick ? kQuickRounds : kRounds;
  const FilledStore filled(&flags);
  const TemporaryDirectory directory;
  CopyStore(filled.path(), directory.path() + "/store");
  std::vector<double> seconds;
  uint64_t bytes = 0;
  {
    Dialler dialler(directory.path() + "/store");
    dialler.Decide(static_cast<int>(rounds) / 10 * Dialler::kGroup);  // warm
    const uint64_t before = BytesWritten();
    dialler.Decide(decisions, &seconds);
    bytes = BytesWritten() - before;
  }
  const double first = 1000 * Percentile99({seconds.begin(), seconds.begin() + rounds});
  const double last = 1000 * Percentile99({seconds.end() - rounds, seconds.end()});
  const std::string how =
      absl::StrCat(flags.entries, " entries, ", decisions,
                   " decisions, every commit synced, groups of ", Dialler::kGroup);
  Report({.row = "round_after_long_run",
          .what = "99th percentile of a round after a long run, against that at the start",
          .unit = "ratio",
          .value = last / first,
          .wanted = kWantedGrowth,
          .higher_is_better = false,
          .measured = last,
          .yardstick = first,
          .of = "ms",
          .how = absl::StrCat(how, ", ", rounds, " rounds of each end")},
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
