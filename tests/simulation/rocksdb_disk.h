// The disk of a simulated server that keeps its data in RocksDB.
#pragma once

#include <memory>
#include <string>

#include "tests/simulation/faulty_file_system.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/storage/temp_directory.h"

namespace outdial::simulation {

// In a directory of its own, which goes with it. RocksDB works with threads, so that a seed repeats
// what is asked of the store, not when it writes which file.
class RocksDbDisk final : public SimulatedDisk {
 public:
  explicit RocksDbDisk(uint64_t seed);

  absl::StatusOr<std::unique_ptr<storage::KeyValueStore>> Open() override;
  void CutPower() override;
  void FailNextCommit() override;
  void SetFull(bool full) override;
  std::string Dump() const override { return ""; }

 private:
  storage::TempDirectory directory_;
  std::shared_ptr<FaultyFileSystem> files_;
};

}  // namespace outdial::simulation
