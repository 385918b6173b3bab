// Fills a store for the benches of dialling, and prints its path: one list, and a campaign that
// dials it as soon as a node is ready. It is left as it is when it is there already.
//
//   fill_store PLACE [--quick] [--entries N]
#include <cstdio>

#include "tests/bench/bench_flags.h"

int main(int argc, char** argv) {
  outdial::bench::BenchFlags flags;
  CLI::App app("Fills a store for the benches of dialling", "fill_store");
  outdial::bench::AddBenchFlags(&app, &flags);
  app.add_option("PLACE", flags.store, "Of filled stores")->required();
  CLI11_PARSE(app, argc, argv);
  std::printf("%s\n", outdial::bench::FilledStore(&flags).path().c_str());
  return 0;
}
