// Dialings: the static part, written once; the state while in progress; the result after.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/ports.h"
#include "engine/uuid.h"
#include "outdial/v1/dialing.pb.h"
#include "storage/counters.h"
#include "storage/kv.h"
#include "storage/record_store.h"
#include "storage/round_overlay.h"
#include "storage/state_packer.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

// In progress or ended. NOT_FOUND: never made.
absl::StatusOr<v1::Dialing> ReadDialing(const KvReader& reader, const engine::DialingUuid& uuid);

// The dialing with its static part and the given state.
absl::StatusOr<v1::Dialing> JoinDialing(const KvReader& reader, const engine::DialingUuid& uuid,
                                        DialingState state);

// Up to `limit` dialings in progress after `after`, by list and then by uuid.
absl::StatusOr<std::vector<v1::Dialing>> ReadLiveDialings(const KvReader& reader,
                                                          const engine::DialingUuid& after,
                                                          size_t limit);

// Looks at every dialing in progress; with a campaign also at its static part.
absl::StatusOr<DialingCount> CountLiveDialings(const KvReader& reader,
                                               const std::optional<engine::CampaignUuid>& campaign);

// Sequence of the result of an ended dialing; absent: it has not ended, or never was.
absl::StatusOr<std::optional<uint64_t>> ReadResultSequence(const KvReader& reader,
                                                           const engine::DialingUuid& uuid);

// As RoundStore::ForEachTally.
absl::Status ReadTallies(const KvReader& reader, const engine::CampaignUuid& campaign,
                         int32_t first_day, const std::function<void(engine::DayTally)>& call);

// Belongs to the thread that writes; what it is made with must outlive it.
class DialingTable {
 public:
  DialingTable(RoundOverlay* overlay, Counters* counters, StatePacker* packer)
      : overlay_(overlay), counters_(counters), packer_(packer) {}

  absl::Status Create(const v1::Dialing& dialing);
  absl::Status Update(const v1::Dialing& dialing);
  // The result gets the next sequence. `end_event`: see ResultRow.
  absl::Status End(const v1::Dialing& dialing, int32_t day, uint64_t end_event);

  // Takes up what is committed: at the start and after a round was thrown away. `last` is the
  // largest sequence of a result that there is, 0 for none.
  absl::Status Load(uint64_t last);

  // Sequence of the last result; 0: none.
  uint64_t last_result() const { return last_result_; }
  // Of all dialings and results ever, but for what was in progress at a start.
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  void PutResult(const engine::DialingUuid& uuid, const engine::CampaignUuid& campaign,
                 const engine::DlUuid& dl, const ResultRow& row);
  // Puts a row that counts among the bytes of dialings.
  void Put(Family family, std::string key, std::string value);
  absl::Status AddToTally(const engine::CampaignUuid& campaign, int32_t day, int outcome);

  RoundOverlay* const overlay_;
  Counters* const counters_;
  StatePacker* const packer_;
  uint64_t last_result_ = 0;
  uint64_t bytes_written_ = 0;
};

}  // namespace outdial::storage
