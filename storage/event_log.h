// The event log: what changed, in order, without a gap; whole records are put together on reading.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/ports.h"
#include "outdial/v1/event.pb.h"
#include "storage/event_observer.h"
#include "storage/kv.h"
#include "storage/round_overlay.h"
#include "storage/shown_event.h"
#include "storage/state_packer.h"

namespace outdial::storage {

// The oldest sequence that is left, after trimming; 1 when nothing was ever trimmed.
absl::StatusOr<uint64_t> ReadOldestEvent(const KvReader& reader);

// Up to `limit` whole events after sequence `after`. OUT_OF_RANGE: trimmed.
absl::StatusOr<std::vector<v1::Event>> ReadEvents(const KvReader& reader, uint64_t after,
                                                  size_t limit);

// Belongs to the thread that writes; `overlay` must outlive it.
class EventLog {
 public:
  // Events are trimmed so many at once, since each trimming leaves one range tombstone: up to
  // this many minus one are kept beyond the bounds.
  static constexpr uint64_t kTrimEvents = 1024;

  struct Bounds {
    absl::Duration keep_for;
    uint64_t keep_bytes;
  };

  EventLog(RoundOverlay* overlay, StatePacker* packer, Bounds bounds)
      : overlay_(overlay), packer_(packer), bounds_(bounds) {}

  // Is shown what is appended from here on, and outlives the log; null: nobody is.
  void set_observer(EventObserver* observer) { observer_ = observer; }

  // Takes up what is committed: at the start and after a round was thrown away. `last` is the
  // largest sequence that there is, 0 for none.
  absl::Status Load(uint64_t last);

  absl::Status Append(const engine::EventNote& note);
  // Drops the kTrimEvents oldest events if all of them are committed and beyond a bound. True: the
  // next ones may be too.
  absl::StatusOr<bool> Trim(absl::Time now);
  // Events up to `last` are durable now.
  void MarkCommitted(uint64_t last) { committed_last_ = last; }

  uint64_t last() const { return last_; }
  uint64_t oldest() const { return oldest_; }

 private:
  RoundOverlay* const overlay_;
  StatePacker* const packer_;
  const Bounds bounds_;
  EventObserver* observer_ = nullptr;
  ShownEvent shown_;
  uint64_t last_ = 0;
  uint64_t committed_last_ = 0;
  uint64_t oldest_ = 1;
  uint64_t bytes_written_ = 0;  // of all events ever
};

}  // namespace outdial::storage
