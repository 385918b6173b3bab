#include "tests/simulation/rocksdb_disk.h"

#include <utility>

#include "storage/rocksdb_store.h"

namespace outdial::simulation {

RocksDbDisk::RocksDbDisk(uint64_t seed) : files_(std::make_shared<FaultyFileSystem>(seed)) {}

absl::StatusOr<std::unique_ptr<storage::KeyValueStore>> RocksDbDisk::Open() {
  files_->RestorePower();
  storage::RocksDbOptions options;
  options.block_cache_bytes = size_t{8} << 20;
  options.file_system = files_;
  return storage::OpenRocksDbStore(directory_.path(), options);
}

void RocksDbDisk::CutPower() { files_->CutPower(); }

void RocksDbDisk::FailNextCommit() { files_->CutPowerAtNextLogSync(); }

void RocksDbDisk::SetFull(bool full) { files_->SetFull(full); }

}  // namespace outdial::simulation
