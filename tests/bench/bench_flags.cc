#include "tests/bench/bench_flags.h"

namespace outdial::bench {

namespace {

constexpr int kEntries = 10000000;
constexpr int kQuickEntries = 1000000;

}  // namespace

void AddBenchFlags(CLI::App* app, BenchFlags* flags) {
  app->add_flag("--quick", flags->quick, "A list of 1 M entries instead of 10 M, and short runs");
  app->add_option("--json", flags->json, "Appends the figures to this file");
  app->add_option("--store", flags->store,
                  "Directory of a filled store, which is copied; made there if it is not there");
  app->add_option("--entries", flags->entries, "Entries of the list")->check(CLI::PositiveNumber);
  app->add_option("--decisions", flags->decisions, "Decisions a run")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

FilledStore::FilledStore(BenchFlags* flags)
    : path_(flags->store.empty() ? own_.path() + "/filled" : flags->store) {
  if (flags->entries == 0) flags->entries = flags->quick ? kQuickEntries : kEntries;
  FillStore(path_, {.entries = flags->entries});
}

}  // namespace outdial::bench
