// How the database of a store is set up. storage/README.md says why, with what was measured.
#pragma once

#include <memory>

#include "rocksdb/cache.h"
#include "rocksdb/options.h"

namespace outdial::storage {

// Of the whole database; where it is, what it logs and what it counts is its opener's.
rocksdb::DBOptions DatabaseOptions();

// Of each family, in every use.
rocksdb::ColumnFamilyOptions FamilyOptions(const std::shared_ptr<rocksdb::Cache>& cache);

}  // namespace outdial::storage
