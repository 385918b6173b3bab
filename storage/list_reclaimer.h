// Gives the space of deleted lists back, a bounded step at a time.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/now.h"
#include "engine/uuid.h"
#include "storage/counters.h"
#include "storage/dl_table.h"
#include "storage/kv.h"
#include "storage/round_overlay.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

// Deletes what is left of an entry of a deleted list, unless it has results: those show it.
absl::Status DeleteEntryWithoutResults(const engine::DlUuid& dl, RoundOverlay* overlay);

// A list is deleted by a mark in the round that deletes its dlma. Later rounds delete its rows:
//
//   1. states of the entries, their places among the idle ones, classes, lookups by number and
//      ukey: a range tombstone each, at once;
//   2. what clients gave for the entries, between those that have results, which show them. It
//      begins when no event is left that shows a client's change of an entry;
//   3. the mark.
//
// The counters of lists, the list's number, its dialings and their results stay. The mark says how
// far it is, so that a start goes on. Files that hold nothing else are given back as a whole.
//
// Belongs to the thread that writes; what it is made with must outlive it.
class ListReclaimer {
 public:
  // A file is dropped so long after its rows were deleted: no read of one page lasts that long.
  static constexpr absl::Duration kGiveBackAfter = absl::Seconds(10);
  // Rows looked at in one step.
  static constexpr size_t kMaxStep = 512;
  // From so many rows in a row on a range tombstone is written instead of a tombstone each.
  static constexpr size_t kMinRange = 256;

  ListReclaimer(KeyValueStore* kv, RoundOverlay* overlay, Counters* counters, DlTable* dls)
      : kv_(kv), overlay_(overlay), counters_(counters), dls_(dls) {}

  // Within the round that deletes the dlma of a list that nobody dials.
  absl::Status Begin(engine::ListNumber list);

  // One step, of lists that were deleted by earlier rounds. True: there may be more to do at once.
  absl::StatusOr<bool> Step(engine::MonotonicTime now, uint64_t oldest_event);

  // Drops everything that is held: after a round was thrown away.
  void Forget();

 private:
  enum class Progress { kWorked, kWaits };
  struct Range {
    Family family;
    KeyRange keys;
  };

  absl::StatusOr<Progress> StepList(engine::ListNumber list, ReclaimRow row,
                                    engine::MonotonicTime now, uint64_t oldest_event);
  void DeleteIndexes(engine::ListNumber list);
  void GiveIndexesBack(engine::ListNumber list, engine::MonotonicTime now);
  absl::Status WalkEntries(engine::ListNumber list, ReclaimRow row, engine::MonotonicTime now);
  // Deletes the rows of the range; gives how many it looked at.
  absl::StatusOr<size_t> Clear(Family family, const KeyRange& range, engine::MonotonicTime now);
  void GiveBackWhatIsDue(engine::MonotonicTime now);

  KeyValueStore* const kv_;
  RoundOverlay* const overlay_;
  Counters* const counters_;
  DlTable* const dls_;
  // The mark after which the next step looks; empty: from the first.
  std::string looked_at_;
  // Lists whose index files were given back, or will be, since the start.
  std::set<engine::ListNumber> given_back_;
  std::vector<std::pair<engine::MonotonicTime, Range>> to_give_back_;  // by time
};

}  // namespace outdial::storage
