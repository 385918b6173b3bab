#include "tests/bench/bench_flags.h"

namespace outdial::bench {

namespace {

constexpr int kEntries = 10000000;
constexpr int kQuickEntries = 1000000;
constexpr int kDecisions = 20000;
constexpr int kQuickDecisions = 10000;

int EntriesOf(const BenchFlags& flags) {
  if (flags.entries > 0) return flags.entries;
  return flags.quick ? kQuickEntries : kEntries;
}

}  // namespace

void AddBenchFlags(CLI::App* app, BenchFlags* flags) {
  app->add_flag("--quick", flags->quick, "A list of 1 M entries instead of 10 M, and short runs");
  app->add_option("--json", flags->json, "Appends the figures to this file");
  app->add_option(
      "--store", flags->store,
      "Place of filled stores, which are copied; those that are missing are made there");
  app->add_option("--entries", flags->entries, "Entries of the list")->check(CLI::PositiveNumber);
  app->add_option("--decisions", flags->decisions, "Decisions a run")->check(CLI::PositiveNumber);
}

FilledStore::FilledStore(BenchFlags* flags)
    : place_(flags->store.empty() ? own_.path() : flags->store),
      path_(StoreIn(place_, {.entries = EntriesOf(*flags)})) {
  flags->entries = EntriesOf(*flags);
  if (flags->decisions == 0) flags->decisions = flags->quick ? kQuickDecisions : kDecisions;
}

std::string FilledStore::Another(const StoreShape& shape) const { return StoreIn(place_, shape); }

}  // namespace outdial::bench
