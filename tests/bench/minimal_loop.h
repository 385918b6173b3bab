// Yardstick: the least that a dialler on RocksDB can do: four writes a decision. The contact that
// is due next is read, marked as being dialled, and leaves the queue of those that are due; then it
// is read again, gets its outcome, and a new place in the queue.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"

namespace outdial::bench {

// Belongs to one thread; what fails ends the process.
class MinimalLoop {
 public:
  static constexpr int kGroup = 64;  // decisions a commit
  static constexpr size_t kContactBytes = 200;

  // Makes a database of so many contacts in `directory`.
  MinimalLoop(const std::string& directory, int contacts);
  ~MinimalLoop();

  // Makes so many decisions, with two synced commits a group; returns how many seconds that took.
  double Decide(int decisions);

 private:
  void Fill(int contacts);
  void ReadAhead();
  std::vector<std::string> NextGroup();

  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* contacts_ = nullptr;  // id16 -> kContactBytes
  rocksdb::ColumnFamilyHandle* due_ = nullptr;       // moment8 id16 -> empty
  std::vector<std::string> ahead_;                   // keys of due_, the last one first
  std::string read_up_to_;                           // the last of them
  uint64_t now_ = 0;
};

}  // namespace outdial::bench
