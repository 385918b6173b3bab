#include "ami_gateway/sim_faults.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace outdial::ami {

absl::Status SimFaults::Check() const {
  const std::array<std::pair<const char*, double>, 5> probabilities = {
      {{"lose_event", lose_event},
       {"duplicate_event", duplicate_event},
       {"delay_event", delay_event},
       {"reorder_event", reorder_event},
       {"drop_connection", drop_connection}}};
  for (const auto& [name, value] : probabilities) {
    if (!(value >= 0 && value <= 1)) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": must be 0 to 1"));
    }
  }
  if (!(starts_per_second >= 0)) {
    return absl::InvalidArgumentError("starts_per_second: must be 0 or more");
  }
  if (max_event_delay < absl::ZeroDuration() || max_start_delay < absl::ZeroDuration()) {
    return absl::InvalidArgumentError("delays: must not be negative");
  }
  return absl::OkStatus();
}

}  // namespace outdial::ami
