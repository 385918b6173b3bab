#include "tests/bench/bare_put.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/check.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/write_batch.h"
#include "storage/rocksdb_access.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_store.h"
#include "tests/bench/batch_file.h"

namespace outdial::bench {
namespace {

using storage::ToSlice;

void Check(const rocksdb::Status& status) { OUTDIAL_CHECK(status.ok(), status.ToString().c_str()); }

storage::OpenDatabase Open(const std::string& directory) {
  const auto cache = rocksdb::NewLRUCache(storage::RocksDbOptions().block_cache_bytes);
  const rocksdb::ColumnFamilyOptions family = storage::FamilyOptions(cache);
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, family}};
  for (size_t i = 0; i < storage::kFamilyCount; ++i) {
    families.emplace_back(std::string(FamilyName(static_cast<storage::Family>(i))), family);
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  Check(rocksdb::DB::Open(storage::DatabaseOptions(), directory, families, &handles, &db));
  storage::OpenDatabase open;
  open.db.reset(db);
  db->DestroyColumnFamilyHandle(handles.front());
  open.handles.assign(handles.begin() + 1, handles.end());
  return open;
}

rocksdb::WriteBatch ToRocksDb(const storage::WriteBatch& batch,
                              const storage::OpenDatabase& database) {
  using Kind = storage::WriteBatch::Op::Kind;
  rocksdb::WriteBatch writes;
  for (const storage::WriteBatch::Op& op : batch.ops()) {
    rocksdb::ColumnFamilyHandle* const family = database.Handle(op.family);
    if (op.kind == Kind::kPut) {
      Check(writes.Put(family, ToSlice(op.key), ToSlice(op.value)));
    } else if (op.kind == Kind::kDelete) {
      Check(writes.Delete(family, ToSlice(op.key)));
    } else {
      Check(writes.DeleteRange(family, ToSlice(op.key), ToSlice(op.value)));
    }
  }
  return writes;
}

double PutAll(const std::string& batch_file, const storage::OpenDatabase& database) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  BatchReader reader(batch_file);
  double seconds = 0;
  for (storage::WriteBatch batch; reader.Next(&batch);) {
    const auto begin = std::chrono::steady_clock::now();
    rocksdb::WriteBatch writes = ToRocksDb(batch, database);
    Check(database.db->Write(synced, &writes));
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  return seconds;
}

uint64_t TableBytes(const std::string& directory) {
  uint64_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() == ".sst") bytes += file.file_size();
  }
  return bytes;
}

}  // namespace

BarePut RunBarePut(const std::string& batch_file, const std::string& directory) {
  BarePut result;
  {
    const storage::OpenDatabase database = Open(directory);
    result.seconds = PutAll(batch_file, database);
    for (rocksdb::ColumnFamilyHandle* family : database.handles) {
      Check(database.db->CompactRange(rocksdb::CompactRangeOptions(), family, nullptr, nullptr));
    }
  }
  result.bytes = TableBytes(directory);
  return result;
}

}  // namespace outdial::bench
