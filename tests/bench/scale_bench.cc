// Whether a decision costs the same whatever there is to choose from: a list of ten million entries
// against one of 100,000, and one list with 10,000 classes that 50 campaigns dial against one with
// a few that one campaign dials, and the long list beside 999 short ones, each with a campaign of
// its own, against the long one alone. Both of a pair dial in turns.
//
//   scale_bench [--quick] [--json FILE] [--store DIRECTORY] [--entries N] [--decisions N]
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/bench/bench_flags.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/dialler.h"
#include "tests/bench/filled_store.h"

namespace outdial::bench {
namespace {

constexpr double kWantedOfSmall = 0.9;
constexpr double kWantedOfPlain = 0.6;
constexpr int kSegments = 5;
constexpr int kSmallEntries = 100000;
constexpr int kClassEntries = 1000000;
constexpr int kClasses = 10000;
constexpr int kCampaigns = 50;
constexpr int kSmallCampaigns = 999;
constexpr int kEntriesOfSmall = 200;

// Medians of the segments.
struct Rates {
  double ratio = 0;
  double measured = 0;
  double yardstick = 0;
};

// Decisions a second on copies of two stores.
Rates Compare(const std::string& measured, const std::string& yardstick, int decisions) {
  const TemporaryDirectory directory;
  CopyStore(measured, directory.path() + "/measured");
  CopyStore(yardstick, directory.path() + "/yardstick");
  Dialler dialler(directory.path() + "/measured");
  Dialler other(directory.path() + "/yardstick");
  dialler.Decide(decisions);  // warm
  other.Decide(decisions);
  std::vector<double> ratios, rates, other_rates;
  for (int segment = 0; segment < kSegments; ++segment) {
    rates.push_back(decisions / dialler.Decide(decisions));
    other_rates.push_back(decisions / other.Decide(decisions));
    ratios.push_back(rates.back() / other_rates.back());
    std::printf("  segment: %.0f against %.0f decisions a second\n", rates.back(),
                other_rates.back());
    std::fflush(stdout);
  }
  return {Median(ratios), Median(rates), Median(other_rates)};
}

void Tell(const Rates& rates, Figure figure, const BenchFlags& flags) {
  figure.unit = "ratio";
  figure.value = rates.ratio;
  figure.measured = rates.measured;
  figure.yardstick = rates.yardstick;
  figure.of = "/s";
  figure.runs = kSegments;
  figure.how = absl::StrCat(figure.how, ", every commit synced, groups of ", Dialler::kGroup, ", ",
                            flags.decisions, " decisions a run, in turns");
  Report(figure, flags.json);
}

int Main(int argc, char** argv) {
  BenchFlags flags;
  CLI::App app("Decisions a second by the size of the list, and by classes and campaigns",
               "scale_bench");
  AddBenchFlags(&app, &flags);
  CLI11_PARSE(app, argc, argv);
  const FilledStore filled(&flags);
  Tell(Compare(filled.path(), filled.Another({.entries = kSmallEntries}), flags.decisions),
       {.row = "decisions_by_size",
        .what = "decisions on a long list, against one of 100,000 entries",
        .wanted = kWantedOfSmall,
        .how = absl::StrCat(flags.entries, " against ", kSmallEntries, " entries")},
       flags);
  const std::string classes =
      filled.Another({.entries = kClassEntries, .classes = kClasses, .campaigns = kCampaigns});
  Tell(Compare(classes, filled.Another({.entries = kClassEntries}), flags.decisions),
       {.row = "decisions_by_classes",
        .what = "decisions with 10,000 classes and 50 campaigns on one list, against one campaign",
        .wanted = kWantedOfPlain,
        .how = absl::StrCat(kClassEntries, " entries")},
       flags);
  const TemporaryDirectory directory;
  CopyStore(filled.path(), directory.path() + "/campaigns");
  AddCampaigns(directory.path() + "/campaigns", kSmallCampaigns, kEntriesOfSmall);
  Tell(
      Compare(directory.path() + "/campaigns", filled.path(), flags.decisions),
      {.row = "decisions_by_campaigns",
       .what = "decisions of 1,000 campaigns, one of them with a long list, against that one alone",
       .wanted = kWantedOfPlain,
       .how = absl::StrCat(flags.entries, " entries, and ", kSmallCampaigns, " lists of ",
                           kEntriesOfSmall)},
      flags);
  return 0;
}

}  // namespace
}  // namespace outdial::bench

int main(int argc, char** argv) { return outdial::bench::Main(argc, argv); }
