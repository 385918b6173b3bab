// A store that nobody runs, opened without changing a byte of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/kv.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace outdial::storage {

// Thread-safe. Memory: the block cache of 64 MiB, and the part of the log that is not in tables.
class ReadOnlyStore : public KvReader {
 public:
  // Of the data directory, or of a backup. With `families`, reads see those alone, and the rest of
  // the log is not taken into memory. Whoever calls holds the DatabaseLock, or knows that nobody
  // else has the database. `env` null: the real file system. FAILED_PRECONDITION: written by
  // another version. DATA_LOSS: damaged; the message names the files.
  static absl::StatusOr<std::unique_ptr<ReadOnlyStore>> Open(
      const std::string& directory, const std::vector<Family>& families = {},
      rocksdb::Env* env = nullptr);
  ~ReadOnlyStore() override;

  absl::StatusOr<bool> Get(Family family, absl::string_view key, std::string* value) const override;
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override;
  // As KeyValueStore::LastKey.
  absl::StatusOr<bool> LastKey(Family family, std::string* key) const;

  // DATA_LOSS: the log is gone, which the database itself would not notice. Of a store whose meta
  // family was opened; a backup has no log if there was nothing in it.
  absl::Status CheckLogIsThere() const;

  // What `meta/schema` says; absent: nothing, the store was never used.
  const std::optional<std::string>& schema() const { return schema_; }
  // Number of the last change that the database has taken.
  uint64_t sequence() const;

 private:
  struct Database;
  explicit ReadOnlyStore(std::unique_ptr<Database> database);
  // Reads the schema, and refuses that of another version.
  absl::Status CheckSchema();

  const std::unique_ptr<Database> database_;
  std::optional<std::string> schema_;
};

// When the store was written to last, by its newest event; InfinitePast: never. `store` must see
// the family of events.
absl::StatusOr<absl::Time> LastWritten(const ReadOnlyStore& store);

}  // namespace outdial::storage
