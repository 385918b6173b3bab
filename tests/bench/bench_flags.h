// Arguments that the benches of dialling have in common, and the store that they copy.
#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "tests/bench/filled_store.h"

namespace outdial::bench {

struct BenchFlags {
  bool quick = false;
  std::string json;   // empty: figures go to stdout only
  std::string store;  // place of filled stores; empty: they are made, and removed at the end
  int entries = 0;    // 0: 10 M, with --quick 1 M
  int decisions = 0;  // a run; 0: 20,000, with --quick 10,000, or as the bench says
};

// Adds them to `app`; both outlive its parsing.
void AddBenchFlags(CLI::App* app, BenchFlags* flags);

// The store of the flags, filled. Sets flags->entries and flags->decisions.
class FilledStore {
 public:
  explicit FilledStore(BenchFlags* flags);
  const std::string& path() const { return path_; }
  // Path of another one in the same place, filled as well.
  std::string Another(const StoreShape& shape) const;

 private:
  const TemporaryDirectory own_;
  const std::string place_;
  const std::string path_;
};

}  // namespace outdial::bench
