// The entries that are in hand: those that were read last, and those that are being dialled, so
// that the end of a dialing reads nothing from the disk.
#pragma once

#include <cstddef>
#include <deque>

#include "absl/container/flat_hash_map.h"
#include "engine/ports.h"
#include "engine/uuid.h"

namespace outdial::storage {

// A cache: what is not in it is read. Whoever writes an entry keeps it or drops it. Belongs to the
// thread that writes.
class DlCache {
 public:
  // As many calls in progress as have their entries here, 1 KB or so each.
  static constexpr size_t kMaxEntries = 4096;

  // Null: not here.
  engine::DlPtr Find(const engine::DlUuid& uuid) const;
  // The entry as it is now; the one that was kept first gives way.
  void Keep(const engine::DlUuid& uuid, engine::DlPtr dl);
  void Drop(const engine::DlUuid& uuid) { entries_.erase(uuid); }
  // All entries of a list.
  void DropList(engine::ListNumber list);
  void Clear();

 private:
  absl::flat_hash_map<engine::DlUuid, engine::DlPtr> entries_;
  // In the order of keeping, those that were dropped since included.
  std::deque<engine::DlUuid> order_;
};

}  // namespace outdial::storage
