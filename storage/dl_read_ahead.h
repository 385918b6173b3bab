// Reads entries that will be asked for soon, beside the thread that asks: what the class index gave
// as the next to be dialled is in hand when its turn comes, also when the disk had to be waited
// for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "engine/ports.h"
#include "engine/uuid.h"
#include "storage/kv.h"

namespace outdial::storage {

// A hint: what it does not have is read where it is needed. Belongs to the thread that writes, but
// for the reading.
//
// What is read is what is committed. So an entry may be expected only while no round that is not
// yet written has changed it, and whoever changes it drops it: then nothing of it is stale.
class DlReadAhead {
 public:
  // Expected at once; the first that were expected give way. An entry takes 1 KB or so.
  static constexpr size_t kMaxExpected = 8192;

  // `kv` must outlive it. Without a thread Expect reads.
  DlReadAhead(const KeyValueStore* kv, bool has_thread);
  ~DlReadAhead();

  // Has what is not yet expected read, in this order.
  void Expect(const std::vector<engine::DlUuid>& uuids) ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsExpected(const engine::DlUuid& uuid) const { return expected_.contains(uuid); }
  // The entry, which is expected no longer; null: it was not read.
  engine::DlPtr Take(const engine::DlUuid& uuid) ABSL_LOCKS_EXCLUDED(mutex_);
  void Drop(const engine::DlUuid& uuid) { expected_.erase(uuid); }
  void DropList(engine::ListNumber list);
  void Clear() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // A wish tells which of several times an entry was expected.
  struct Wish {
    engine::DlUuid uuid;
    uint64_t number;
  };
  struct Expected {
    uint64_t number;
    engine::DlPtr dl;  // null: not read yet
  };
  using Wishes = std::vector<Wish>;
  using Answers = std::vector<std::pair<Wish, engine::DlPtr>>;

  // Those that can be read; the others are left out.
  Answers Read(const Wishes& wishes) const;
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return ending_ || !wishes_.empty(); }
  void Collect() ABSL_LOCKS_EXCLUDED(mutex_);
  void Keep(Answers answers);
  void ForgetOldest();

  const KeyValueStore* const kv_;
  absl::flat_hash_map<engine::DlUuid, Expected> expected_;
  // In the order of wishing, those that were taken or dropped since included.
  std::deque<Wish> order_;
  uint64_t last_number_ = 0;

  absl::Mutex mutex_;
  std::deque<Wishes> wishes_ ABSL_GUARDED_BY(mutex_);
  Answers answers_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<std::thread> thread_;
};

}  // namespace outdial::storage
