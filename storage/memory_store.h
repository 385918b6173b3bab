// An in-memory KeyValueStore for tests and simulation, with crashes and failures on demand.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/kv.h"

namespace outdial::storage {

// Threads: as KeyValueStore; the calls that make things fail may come from any thread.
class MemoryStore : public KeyValueStore {
 public:
  absl::StatusOr<bool> Get(Family family, absl::string_view key, std::string* value) const override;
  absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                    Visitor visit) const override;
  absl::StatusOr<std::unique_ptr<KvReader>> Snapshot() const override;
  absl::StatusOr<bool> LastKey(Family family, std::string* key) const override;
  absl::Status Commit(const WriteBatch& batch, Durability durability) override;
  absl::Status Reopen() override;

  // What a power cut at this moment leaves: a store without the commits after the last synced one.
  std::unique_ptr<MemoryStore> CopySynced() const;

  // Whether a commit that fails was kept all the same, as may happen when the disk failed late.
  enum class Fate { kLost, kKept };
  // The next commit fails with `status`.
  void FailNextCommit(absl::Status status, Fate fate);
  // While the disk is full commits and Reopen fail with RESOURCE_EXHAUSTED.
  void SetDiskFull(bool full);

 private:
  // A value as it was from commit `since` on; absent: the key was deleted.
  struct Version {
    uint64_t since;
    std::optional<std::string> value;
  };
  // Versions of a key, oldest first. More than one only while a snapshot may need them.
  using Table = std::map<std::string, std::vector<Version>, std::less<>>;
  struct Undo {
    Family family;
    std::string key;
    std::optional<std::string> value;
  };
  class View;

  bool GetAt(uint64_t at, Family family, absl::string_view key, std::string* value) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ScanAt(uint64_t at, Family family, const KeyRange& range, size_t limit, Visitor visit) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Set(Family family, absl::string_view key, std::optional<std::string> value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DeleteRange(Family family, absl::string_view first, absl::string_view end)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Apply(const WriteBatch& batch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::array<Table, kFamilyCount> tables_ ABSL_GUARDED_BY(mutex_);
  uint64_t commits_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable int open_snapshots_ ABSL_GUARDED_BY(mutex_) = 0;
  // Takes back what was committed since the last sync, applied from the end.
  std::vector<Undo> unsynced_ ABSL_GUARDED_BY(mutex_);
  bool disk_full_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status next_failure_ ABSL_GUARDED_BY(mutex_);
  Fate next_fate_ ABSL_GUARDED_BY(mutex_) = Fate::kLost;
};

}  // namespace outdial::storage
