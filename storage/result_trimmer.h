// Drops results that are too old or too many, from the oldest on, a bounded number at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/uuid.h"
#include "storage/counters.h"
#include "storage/kv.h"
#include "storage/round_overlay.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

// What is no longer kept; when nothing was ever trimmed: the oldest is 1, with a time of 0.
absl::StatusOr<ResultTrim> ReadResultTrim(const KvReader& reader);

// A result goes with its dialing and its index rows. What it was counted in stays as it is: of each
// campaign the outcomes that are gone are counted apart, so that all counts can be checked. A
// result is kept at least as long as the events of its dialing, which are shown with its help.
//
// Belongs to the thread that writes; what it is made with must outlive it.
class ResultTrimmer {
 public:
  // At most so many at once, of which a round is not longer than by a few milliseconds.
  static constexpr uint64_t kMaxStep = 128;
  // Fewer than that wait so long beyond the bound for more: each step leaves range tombstones.
  static constexpr absl::Duration kPatience = absl::Hours(1);

  struct Bounds {
    absl::Duration keep_for;  // InfiniteDuration: for ever
    uint64_t keep_bytes;      // UINT64_MAX: all
  };
  // What the step must know of the other logs.
  struct Ends {
    uint64_t last_result = 0;    // committed; it stays: the next start goes on from it
    uint64_t bytes_written = 0;  // as ResultRow.bytes_before
    uint64_t oldest_event = 1;
  };

  ResultTrimmer(RoundOverlay* overlay, Counters* counters, Bounds bounds)
      : overlay_(overlay), counters_(counters), bounds_(bounds) {}

  // Takes up what is committed: at the start and after a round was thrown away.
  absl::Status Load();

  // One step. True: there may be more to do at once.
  absl::StatusOr<bool> Trim(absl::Time now, const Ends& ends);

  uint64_t oldest() const { return trim_.oldest(); }

 private:
  // A result on its way out.
  struct Doomed {
    ResultRow row;
    engine::DialingUuid dialing;
    engine::CampaignUuid campaign;
    engine::DlUuid dl;
  };

  bool IsDue(const ResultRow& row, absl::Time now, const Ends& ends) const;
  bool IsTooOld(const ResultRow& row, absl::Time moment) const;
  // The oldest results, as far as they are due, without a gap.
  absl::StatusOr<std::vector<Doomed>> FindDue(absl::Time now, const Ends& ends) const;
  absl::Status Complete(std::vector<Doomed>* due) const;
  absl::Status Delete(const std::vector<Doomed>& due);
  void DeleteIndexRows(const std::vector<Doomed>& due);
  absl::Status CountAsTrimmed(const std::vector<Doomed>& due);
  // Entries of deleted lists that were kept for the results.
  absl::Status DeleteEntries(const std::vector<Doomed>& due, uint64_t oldest_event);

  RoundOverlay* const overlay_;
  Counters* const counters_;
  const Bounds bounds_;
  ResultTrim trim_;
};

}  // namespace outdial::storage
