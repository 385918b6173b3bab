#include "tests/bench/bare_put.h"

#include <chrono>
#include <filesystem>

#include "engine/check.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "tests/bench/bare_database.h"
#include "tests/bench/batch_file.h"

namespace outdial::bench {
namespace {

void Check(const rocksdb::Status& status) { OUTDIAL_CHECK(status.ok(), status.ToString().c_str()); }

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
    const storage::OpenDatabase database = OpenBare(directory);
    result.seconds = PutAll(batch_file, database);
    for (rocksdb::ColumnFamilyHandle* family : database.handles) {
      Check(database.db->CompactRange(rocksdb::CompactRangeOptions(), family, nullptr, nullptr));
    }
  }
  result.bytes = TableBytes(directory);
  return result;
}

}  // namespace outdial::bench
