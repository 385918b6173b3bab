// Which events a subscriber asked for.
#pragma once

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "engine/uuid.h"
#include "outdial/v1/event.pb.h"
#include "outdial/v1/event_service.pb.h"

namespace outdial::server {

// What of an event a filter looks at.
struct EventFacts {
  int kind = v1::EVENT_KIND_UNSPECIFIED;
  engine::CampaignUuid campaign;  // that it is about or that dials; nil: none
};
EventFacts FactsOf(const v1::Event& event);

// Immutable.
class EventFilter {
 public:
  // INVALID_ARGUMENT: an unknown kind, or a camp_uuid that is no uuid.
  static absl::StatusOr<EventFilter> Make(const v1::OutEventSubscribeRequest& request);

  bool Matches(const EventFacts& facts) const;

 private:
  // Empty: all.
  absl::flat_hash_set<int> kinds_;
  absl::flat_hash_set<engine::CampaignUuid> campaigns_;
};

}  // namespace outdial::server
