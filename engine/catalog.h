// The small records (campaigns, plans, dial list masters, destinations) that are not deleted, in
// memory. There are few of them, bounded by EngineConfig::max_records_per_kind; entries and
// dialings are never here. Belongs to the engine's thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/ports.h"
#include "engine/uuid.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

struct ListRecord {
  v1::Dlma dlma;
  ListNumber number = 0;
};

class Catalog {
 public:
  absl::Status Load(RoundStore& store);

  // Null: no such record, or it is deleted. Pointers live until the record is erased.
  const v1::Campaign* FindCampaign(const CampaignUuid& uuid) const;
  const v1::Plan* FindPlan(const PlanUuid& uuid) const;
  const ListRecord* FindList(const DlmaUuid& uuid) const;
  const v1::Destination* FindDestination(const DestinationUuid& uuid) const;
  // Null: no list has this number.
  const ListRecord* FindList(ListNumber number) const;

  const std::map<CampaignUuid, v1::Campaign>& campaigns() const { return campaigns_; }
  size_t plan_count() const { return plans_.size(); }
  size_t list_count() const { return lists_.size(); }
  size_t destination_count() const { return destinations_.size(); }

  void Put(const v1::Campaign& campaign);
  void Put(const v1::Plan& plan);
  void Put(const v1::Dlma& dlma, ListNumber number);
  void Put(const v1::Destination& destination);
  void Erase(const CampaignUuid& uuid) { campaigns_.erase(uuid); }
  void Erase(const PlanUuid& uuid) { plans_.erase(uuid); }
  void Erase(const DlmaUuid& uuid);
  void Erase(const DestinationUuid& uuid) { destinations_.erase(uuid); }

  // Campaigns that refer to the record, in the order of uuids.
  std::vector<CampaignUuid> UsersOf(const PlanUuid& uuid) const;
  std::vector<CampaignUuid> UsersOf(const DlmaUuid& uuid) const;
  std::vector<CampaignUuid> UsersOf(const DestinationUuid& uuid) const;
  std::vector<CampaignUuid> PredecessorsOf(const CampaignUuid& uuid) const;

 private:
  std::map<CampaignUuid, v1::Campaign> campaigns_;
  std::map<PlanUuid, v1::Plan> plans_;
  std::map<DlmaUuid, ListRecord> lists_;
  std::map<ListNumber, DlmaUuid> list_by_number_;
  std::map<DestinationUuid, v1::Destination> destinations_;
};

// Uuid of a record's text field; nil when it is empty. The text was checked when it was stored.
template <class TypedUuidT>
TypedUuidT UuidOf(const std::string& text) {
  const auto uuid = TypedUuidT::Parse(text);
  return uuid.has_value() ? *uuid : TypedUuidT();
}

}  // namespace outdial::engine
