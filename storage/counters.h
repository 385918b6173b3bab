// The counters of lists and campaigns: held in memory, written with the round that changed them.
#pragma once

#include <map>
#include <set>

#include "absl/status/statusor.h"
#include "engine/uuid.h"
#include "storage/round_overlay.h"
#include "storage/stored_records.pb.h"

namespace outdial::storage {

// Belongs to the thread that writes. `overlay` must outlive it.
class Counters {
 public:
  explicit Counters(RoundOverlay* overlay) : overlay_(overlay) {}

  // The row, to be changed in place; a missing one is made with zeros. Valid until Forget.
  absl::StatusOr<ListRow*> ChangeList(engine::ListNumber list);
  absl::StatusOr<CampaignRow*> ChangeCampaign(const engine::CampaignUuid& campaign);
  absl::StatusOr<ListRow> List(engine::ListNumber list);

  // Puts the changed rows into the overlay: before each commit.
  void WriteChanged();
  // Drops everything that is held: after a round was thrown away.
  void Forget();

 private:
  RoundOverlay* const overlay_;
  std::map<engine::ListNumber, ListRow> lists_;
  std::map<engine::CampaignUuid, CampaignRow> campaigns_;
  std::set<engine::ListNumber> changed_lists_;
  std::set<engine::CampaignUuid> changed_campaigns_;
};

// Adds one to by_outcome[outcome], growing it as needed.
template <class Row>
void CountOutcome(int outcome, Row* row) {
  while (row->by_outcome_size() <= outcome) row->add_by_outcome(0);
  row->set_by_outcome(outcome, row->by_outcome(outcome) + 1);
}

}  // namespace outdial::storage
