#include "engine/catalog.h"

namespace outdial::engine {

namespace {

template <class Map, class Key>
auto* FindIn(const Map& map, const Key& key) {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

template <class Match>
std::vector<CampaignUuid> Select(const std::map<CampaignUuid, v1::Campaign>& campaigns,
                                 Match match) {
  std::vector<CampaignUuid> selected;
  for (const auto& [uuid, campaign] : campaigns) {
    if (match(campaign)) selected.push_back(uuid);
  }
  return selected;
}

}  // namespace

absl::Status Catalog::Load(RoundStore& store) {
  absl::Status status = store.ForEachCampaign([this](const v1::Campaign& c) { Put(c); });
  if (!status.ok()) return status;
  status = store.ForEachPlan([this](const v1::Plan& p) { Put(p); });
  if (!status.ok()) return status;
  status = store.ForEachDlma([this](const v1::Dlma& d, ListNumber number) { Put(d, number); });
  if (!status.ok()) return status;
  return store.ForEachDestination([this](const v1::Destination& d) { Put(d); });
}

const v1::Campaign* Catalog::FindCampaign(const CampaignUuid& uuid) const {
  return FindIn(campaigns_, uuid);
}
const v1::Plan* Catalog::FindPlan(const PlanUuid& uuid) const { return FindIn(plans_, uuid); }
const ListRecord* Catalog::FindList(const DlmaUuid& uuid) const { return FindIn(lists_, uuid); }
const v1::Destination* Catalog::FindDestination(const DestinationUuid& uuid) const {
  return FindIn(destinations_, uuid);
}
const ListRecord* Catalog::FindList(ListNumber number) const {
  const DlmaUuid* uuid = FindIn(list_by_number_, number);
  return uuid == nullptr ? nullptr : FindList(*uuid);
}

void Catalog::Put(const v1::Campaign& campaign) {
  campaigns_[UuidOf<CampaignUuid>(campaign.uuid())] = campaign;
}
void Catalog::Put(const v1::Plan& plan) { plans_[UuidOf<PlanUuid>(plan.uuid())] = plan; }
void Catalog::Put(const v1::Dlma& dlma, ListNumber number) {
  const auto uuid = UuidOf<DlmaUuid>(dlma.uuid());
  lists_[uuid] = ListRecord{dlma, number};
  list_by_number_[number] = uuid;
}
void Catalog::Put(const v1::Destination& destination) {
  destinations_[UuidOf<DestinationUuid>(destination.uuid())] = destination;
}

void Catalog::Erase(const DlmaUuid& uuid) {
  const auto it = lists_.find(uuid);
  if (it == lists_.end()) return;
  list_by_number_.erase(it->second.number);
  lists_.erase(it);
}

std::vector<CampaignUuid> Catalog::UsersOf(const PlanUuid& uuid) const {
  return Select(campaigns_, [text = uuid.ToString()](const auto& c) { return c.plan() == text; });
}
std::vector<CampaignUuid> Catalog::UsersOf(const DlmaUuid& uuid) const {
  return Select(campaigns_, [text = uuid.ToString()](const auto& c) { return c.dlma() == text; });
}
std::vector<CampaignUuid> Catalog::UsersOf(const DestinationUuid& uuid) const {
  return Select(campaigns_, [text = uuid.ToString()](const auto& c) { return c.dest() == text; });
}
std::vector<CampaignUuid> Catalog::PredecessorsOf(const CampaignUuid& uuid) const {
  return Select(campaigns_,
                [text = uuid.ToString()](const auto& c) { return c.next_campaign() == text; });
}

}  // namespace outdial::engine
