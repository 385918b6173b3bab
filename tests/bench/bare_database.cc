#include "tests/bench/bare_database.h"

#include <memory>
#include <vector>

#include "engine/check.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_store.h"

namespace outdial::bench {
namespace {

using storage::ToSlice;

void Check(const rocksdb::Status& status) { OUTDIAL_CHECK(status.ok(), status.ToString().c_str()); }

}  // namespace

BareOptions StoreOptions() {
  BareOptions options;
  options.database = storage::DatabaseOptions();
  options.family =
      storage::FamilyOptions(rocksdb::NewLRUCache(storage::RocksDbOptions().block_cache_bytes));
  options.table = *options.family.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  return options;
}

storage::OpenDatabase OpenBare(const std::string& directory, const BareOptions& options) {
  rocksdb::ColumnFamilyOptions family = options.family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(options.table));
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, family}};
  for (size_t i = 0; i < storage::kFamilyCount; ++i) {
    families.emplace_back(std::string(FamilyName(static_cast<storage::Family>(i))), family);
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  Check(rocksdb::DB::Open(options.database, directory, families, &handles, &db));
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

}  // namespace outdial::bench
