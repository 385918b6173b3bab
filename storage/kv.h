// The ordered key-value contract that the record store stands on.
//
// Keys and values are bytes; keys of one family are ordered bytewise. All reads of the record
// store go through KvReader, so that the same code reads a snapshot, the latest state, and the
// latest state with a round's changes on top.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/family.h"

namespace outdial::storage {

// Keys from `first`, inclusive, to `end`, exclusive; an empty `end`: to the last key.
struct KeyRange {
  std::string first;
  std::string end;
};

inline constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

// Errors of every read: DATA_LOSS, the store is damaged; UNAVAILABLE, it is closed for the moment.
class KvReader {
 public:
  // False ends the scan. The views are valid during the call only. Must not call the store.
  using Visitor = absl::FunctionRef<bool(absl::string_view key, absl::string_view value)>;

  virtual ~KvReader() = default;

  // False: there is no such key, and `value` is left as it was.
  virtual absl::StatusOr<bool> Get(Family family, absl::string_view key,
                                   std::string* value) const = 0;
  // Visits up to `limit` keys of the range in ascending order.
  virtual absl::Status Scan(Family family, const KeyRange& range, size_t limit,
                            Visitor visit) const = 0;
};

// What one Commit writes, in this order. Holds views only: keys and values must stay alive and
// unchanged until the commit has returned. Thread-compatible.
class WriteBatch {
 public:
  struct Op {
    enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
    Kind kind;
    Family family;
    absl::string_view key;
    absl::string_view value;  // of kDeleteRange: the end, exclusive
  };

  void Put(Family family, absl::string_view key, absl::string_view value) {
    ops_.push_back({Op::Kind::kPut, family, key, value});
  }
  void Delete(Family family, absl::string_view key) {
    ops_.push_back({Op::Kind::kDelete, family, key, {}});
  }
  // Deletes [first, end). `end` must not be empty.
  void DeleteRange(Family family, absl::string_view first, absl::string_view end) {
    ops_.push_back({Op::Kind::kDeleteRange, family, first, end});
  }
  const std::vector<Op>& ops() const { return ops_; }

 private:
  std::vector<Op> ops_;
};

// How a store is doing, for who watches it. All zero: it is not kept in files, or closed.
struct StoreStatistics {
  // Held in memory, in bytes.
  uint64_t block_cache_bytes = 0;
  uint64_t memtable_bytes = 0;
  // Since the process began.
  uint64_t block_cache_hits = 0;
  uint64_t block_cache_misses = 0;
  uint64_t stall_microseconds = 0;  // that writes were held up for compactions
  // On disk, in bytes.
  uint64_t table_bytes = 0;
  uint64_t log_bytes = 0;
  // That compactions must write before they have caught up, as far as can be told.
  uint64_t pending_compaction_bytes = 0;
  bool writes_stopped = false;
  bool writes_slowed = false;
};

enum class Durability {
  kBuffered,  // survives the end of the process, not a power cut
  kSynced,    // survives a power cut, with all commits before it
};

// One thread writes: Commit, Reopen, and the reads inherited from KvReader, which see the latest
// state. Any thread may take snapshots.
class KeyValueStore : public KvReader {
 public:
  // The state of this moment, unchanged by later commits. Must be dropped soon, by any thread, and
  // before the store is; an open snapshot holds up Reopen. UNAVAILABLE: the store is closed.
  virtual absl::StatusOr<std::unique_ptr<KvReader>> Snapshot() const = 0;

  // The largest key of a family; false: it is empty.
  virtual absl::StatusOr<bool> LastKey(Family family, std::string* key) const = 0;

  // All of the batch or nothing. RESOURCE_EXHAUSTED: the disk is full; nothing more is taken until
  // Reopen succeeded. Any other error: nobody knows what was kept.
  virtual absl::Status Commit(const WriteBatch& batch, Durability durability) = 0;

  // Closes the store, waiting for snapshots, and opens it again. Not OK: it stays closed, and
  // everything is UNAVAILABLE, until another Reopen succeeds.
  virtual absl::Status Reopen() = 0;

  // Gives the space of keys that are deleted, all of them in [first, end), back to the disk: a
  // hint, followed in the background, as far as that is cheap. To be given only when no snapshot
  // can be open any more that sees them.
  virtual void GiveBack(Family, const KeyRange&) {}

  // Any thread.
  virtual StoreStatistics Statistics() const { return {}; }

  // Writes a database with all that is committed, and nothing half, into `directory`, which must be
  // there; the store goes on meanwhile. Any thread. An open checkpoint holds up Reopen.
  // FAILED_PRECONDITION: this store is not kept in files.
  virtual absl::Status Checkpoint(const std::string& directory) const {
    return absl::FailedPreconditionError(
        absl::StrCat("the store is in memory and can't be copied to ", directory));
  }
};

}  // namespace outdial::storage
