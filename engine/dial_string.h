// From a number and a plan to the channel of an Originate. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/engine_config.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

// What is dialled of a number: what remains without spaces, `(`, `)`, `-` and `.`. An address
// (`sip:` or `sips:`) stays as it is.
std::string DialledNumber(absl::string_view number);

// Whether a number is an address: begins with `sip:` or `sips:`, in any case.
bool IsSipAddress(absl::string_view number);

// The host of `sip:user@host[:port]`; absent: it is not of this form. Parameters and headers are
// refused, since they could redirect the call or break the dial string.
std::optional<std::string> SipHost(absl::string_view address);

// What is wrong with a plan's tech name, absent or empty for default_tech; absent: nothing.
std::optional<std::string> TechNameProblem(absl::string_view tech_name, const EngineConfig& config);

struct DialString {
  std::string channel;  // `PJSIP/5550100@trunk`
  std::string address;  // the number as it is dialled
  std::string tech;     // `PJSIP`
  std::string trunk;    // empty: the number itself names the device
  // The tech name that the plan gives, where tech_alias replaced it; empty: it did not.
  std::string replaced_tech;
};

// The channel for `number`, one of an entry's, under `plan`. INVALID_ARGUMENT says which field of
// plan or entry stands against it, for example a sip: address without a trunk.
absl::StatusOr<DialString> BuildDialString(absl::string_view number, const v1::Plan& plan,
                                           const EngineConfig& config);

}  // namespace outdial::engine
