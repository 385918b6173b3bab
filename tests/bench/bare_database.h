// A database with the families and the options of a store, and nothing of the store itself.
#pragma once

#include <functional>
#include <string>

#include "rocksdb/options.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"
#include "storage/kv.h"
#include "storage/rocksdb_access.h"

namespace outdial::bench {

// All that is set of a database; `table` belongs to `family`.
struct BareOptions {
  rocksdb::DBOptions database;
  rocksdb::ColumnFamilyOptions family;
  rocksdb::BlockBasedTableOptions table;
};

// Those of the store.
BareOptions StoreOptions();

// Opens the database of `directory`, or makes one. What fails ends the process.
storage::OpenDatabase OpenBare(const std::string& directory,
                               const BareOptions& options = StoreOptions());

// The batch for `database`.
rocksdb::WriteBatch ToRocksDb(const storage::WriteBatch& batch,
                              const storage::OpenDatabase& database);

}  // namespace outdial::bench
