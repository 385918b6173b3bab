#include "tests/bench/bare_replay.h"

#include "rocksdb/convenience.h"
#include "rocksdb/utilities/options_util.h"
#include "storage/rocksdb_access.h"
#include "tests/bench/dialler.h"

namespace outdial::bench {

BareReplay::BareReplay(const std::string& directory) {
  const std::string path = directory + "/rocksdb";
  rocksdb::ConfigOptions how;
  how.ignore_unknown_options = true;
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(size_t{256} << 20);
  rocksdb::Status status = rocksdb::LoadLatestOptions(how, path, &options, &families, &cache);
  OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  status = rocksdb::DB::Open(options, path, families, &handles, &db);
  OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
  db_.reset(db);
  db_->DestroyColumnFamilyHandle(handles.front());
  families_.assign(handles.begin() + 1, handles.end());
}

BareReplay::~BareReplay() {
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
}

void BareReplay::Take(const storage::WriteBatch& batch) {
  using Kind = storage::WriteBatch::Op::Kind;
  const auto begin = std::chrono::steady_clock::now();
  rocksdb::WriteBatch& kept = batches_.emplace_back();
  for (const storage::WriteBatch::Op& op : batch.ops()) {
    rocksdb::ColumnFamilyHandle* family = families_[static_cast<size_t>(op.family)];
    const rocksdb::Slice key = storage::ToSlice(op.key), value = storage::ToSlice(op.value);
    const rocksdb::Status status = op.kind == Kind::kPut ? kept.Put(family, key, value)
                                   : op.kind == Kind::kDelete
                                       ? kept.Delete(family, key)
                                       : kept.DeleteRange(family, key, value);
    OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
  }
  taking_ += SecondsSince(begin);
}

double BareReplay::Run() {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto begin = std::chrono::steady_clock::now();
  for (rocksdb::WriteBatch& batch : batches_) {
    const rocksdb::Status status = db_->Write(synced, &batch);
    OUTDIAL_CHECK(status.ok(), status.ToString().c_str());
  }
  const double seconds = SecondsSince(begin);
  batches_.clear();
  taking_ = 0;
  return seconds;
}

}  // namespace outdial::bench
