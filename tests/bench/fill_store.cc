// Fills a store for the benches of dialling: one list, and a campaign that dials it as soon as a
// node is ready. Does nothing when the directory holds one.
//
//   fill_store DIRECTORY [--quick] [--entries N]
#include "tests/bench/bench_flags.h"

int main(int argc, char** argv) {
  outdial::bench::BenchFlags flags;
  CLI::App app("Fills a store for the benches of dialling", "fill_store");
  outdial::bench::AddBenchFlags(&app, &flags);
  app.add_option("DIRECTORY", flags.store, "Of the store")->required();
  CLI11_PARSE(app, argc, argv);
  const outdial::bench::FilledStore filled(&flags);
  return 0;
}
