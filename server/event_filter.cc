#include "server/event_filter.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"

namespace outdial::server {
namespace {

engine::CampaignUuid CampaignOf(const v1::Event& event) {
  switch (event.kind()) {
    case v1::EVENT_KIND_OUT_CAMPAIGN_CREATE:
    case v1::EVENT_KIND_OUT_CAMPAIGN_UPDATE:
    case v1::EVENT_KIND_OUT_CAMPAIGN_DELETE:
      return engine::CampaignUuid::Parse(event.uuid()).value_or(engine::CampaignUuid());
    default:
      return engine::CampaignUuid::Parse(event.dialing().camp_uuid())
          .value_or(engine::CampaignUuid());
  }
}

}  // namespace

absl::StatusOr<EventFilter> EventFilter::Make(const v1::OutEventSubscribeRequest& request) {
  EventFilter filter;
  std::vector<engine::FieldViolation> violations;
  for (int i = 0; i < request.kinds_size(); ++i) {
    const int kind = request.kinds(i);
    if (kind == v1::EVENT_KIND_UNSPECIFIED || !v1::EventKind_IsValid(kind)) {
      violations.push_back({absl::StrCat("kinds[", i, "]"), "must be a kind of event"});
    }
    filter.kinds_.insert(kind);
  }
  for (int i = 0; i < request.camp_uuids_size(); ++i) {
    const auto uuid = engine::CampaignUuid::Parse(request.camp_uuids(i));
    if (uuid.has_value()) {
      filter.campaigns_.insert(*uuid);
    } else {
      violations.push_back({absl::StrCat("camp_uuids[", i, "]"), "must be a uuid"});
    }
  }
  if (!violations.empty()) return engine::InvalidFields(violations);
  return filter;
}

EventFacts FactsOf(const v1::Event& event) { return {event.kind(), CampaignOf(event)}; }

bool EventFilter::Matches(const EventFacts& facts) const {
  if (!kinds_.empty() && !kinds_.contains(facts.kind)) return false;
  return campaigns_.empty() || campaigns_.contains(facts.campaign);
}

}  // namespace outdial::server
