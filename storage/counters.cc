#include "storage/counters.h"

#include <optional>
#include <utility>

#include "storage/key_schema.h"
#include "storage/stored_value.h"

namespace outdial::storage {
namespace {

// The held row of `id`, read from the store the first time.
template <class Id, class Row>
absl::StatusOr<Row*> Hold(const KvReader& reader, Family family, const std::string& key,
                          const Id& id, std::map<Id, Row>* held) {
  const auto it = held->find(id);
  if (it != held->end()) return &it->second;
  absl::StatusOr<std::optional<Row>> row = FindRow<Row>(reader, family, key);
  if (!row.ok()) return row.status();
  return &held->emplace(id, (*row).value_or(Row())).first->second;
}

}  // namespace

absl::StatusOr<ListRow*> Counters::ChangeList(engine::ListNumber list) {
  changed_lists_.insert(list);
  return Hold(*overlay_, Family::kList, ListKey(list), list, &lists_);
}

absl::StatusOr<CampaignRow*> Counters::ChangeCampaign(const engine::CampaignUuid& campaign) {
  changed_campaigns_.insert(campaign);
  return Hold(*overlay_, Family::kCampaignCount, CampaignKey(campaign), campaign, &campaigns_);
}

absl::StatusOr<ListRow> Counters::List(engine::ListNumber list) {
  const auto row = Hold(*overlay_, Family::kList, ListKey(list), list, &lists_);
  if (!row.ok()) return row.status();
  return **row;
}

void Counters::WriteChanged() {
  for (const engine::ListNumber list : changed_lists_) {
    overlay_->Put(Family::kList, ListKey(list), lists_.at(list).SerializeAsString());
  }
  for (const engine::CampaignUuid& campaign : changed_campaigns_) {
    overlay_->Put(Family::kCampaignCount, CampaignKey(campaign),
                  campaigns_.at(campaign).SerializeAsString());
  }
  changed_lists_.clear();
  changed_campaigns_.clear();
}

void Counters::Forget() {
  lists_.clear();
  campaigns_.clear();
  changed_lists_.clear();
  changed_campaigns_.clear();
}

}  // namespace outdial::storage
