// The batches that a store commits, kept in a file, so that a bare store can be given the very same
// keys and bytes.
#pragma once

#include <cstdio>
#include <deque>
#include <memory>
#include <string>

#include "storage/kv.h"

namespace outdial::bench {

// A store that passes everything to another and writes each batch to a file as well. As that store
// in all else.
class BatchRecorder : public storage::KeyValueStore {
 public:
  BatchRecorder(std::unique_ptr<storage::KeyValueStore> store, const std::string& path);
  ~BatchRecorder() override;

  absl::StatusOr<bool> Get(storage::Family family, absl::string_view key,
                           std::string* value) const override {
    return store_->Get(family, key, value);
  }
  absl::Status Scan(storage::Family family, const storage::KeyRange& range, size_t limit,
                    Visitor visit) const override {
    return store_->Scan(family, range, limit, visit);
  }
  absl::StatusOr<std::unique_ptr<KvReader>> Snapshot() const override { return store_->Snapshot(); }
  absl::StatusOr<bool> LastKey(storage::Family family, std::string* key) const override {
    return store_->LastKey(family, key);
  }
  absl::Status Commit(const storage::WriteBatch& batch, storage::Durability durability) override;
  absl::Status Reopen() override { return store_->Reopen(); }

 private:
  const std::unique_ptr<storage::KeyValueStore> store_;
  std::FILE* const file_;
  std::string bytes_;  // of the last batch
};

// Reads the file from its beginning. Belongs to one thread.
class BatchReader {
 public:
  explicit BatchReader(const std::string& path);
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  // False: that was the last one. The batch is good until the next call.
  bool Next(storage::WriteBatch* batch);

 private:
  absl::string_view Read(size_t bytes);

  std::FILE* const file_;
  // What the batch refers to; a deque, since they must stay where they are.
  std::deque<std::string> texts_;
};

}  // namespace outdial::bench
