// Which events a subscriber asked for.
#pragma once

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "outdial/v1/event.pb.h"
#include "outdial/v1/event_service.pb.h"

namespace outdial::server {

// Immutable.
class EventFilter {
 public:
  // INVALID_ARGUMENT: an unknown kind, or a camp_uuid that is no uuid.
  static absl::StatusOr<EventFilter> Make(const v1::OutEventSubscribeRequest& request);

  bool Matches(const v1::Event& event) const;

 private:
  // Empty: all.
  absl::flat_hash_set<int> kinds_;
  absl::flat_hash_set<std::string> campaigns_;
};

}  // namespace outdial::server
