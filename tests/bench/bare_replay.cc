#include "tests/bench/bare_replay.h"

#include <chrono>

#include "engine/check.h"
#include "rocksdb/db.h"
#include "tests/bench/bare_database.h"
#include "tests/bench/dialler.h"

namespace outdial::bench {

BareReplay::BareReplay(const std::string& directory)
    : database_(OpenBare(directory + "/rocksdb")) {}

void BareReplay::Take(const storage::WriteBatch& batch) {
  const auto begin = std::chrono::steady_clock::now();
  batches_.push_back(ToRocksDb(batch, database_));
  taking_ += SecondsSince(begin);
}

double BareReplay::Run() {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto begin = std::chrono::steady_clock::now();
  for (rocksdb::WriteBatch& batch : batches_) {
    const rocksdb::Status status = database_.db->Write(synced, &batch);
    OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
  }
  const double seconds = SecondsSince(begin);
  batches_.clear();
  taking_ = 0;
  return seconds;
}

}  // namespace outdial::bench
