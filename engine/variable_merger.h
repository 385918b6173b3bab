// The channel variables that go out with an Originate. Pure functions.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/uuid.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"
#include "outdial/v1/variable.pb.h"

namespace outdial::engine {

// An AMI action holds at most 128 lines; an Originate needs at most 20 of them for everything
// that is no variable.
inline constexpr int kMaxMergedVariables = 108;

// Outdial's own variables begin with this; clients can't set such.
inline constexpr char kOwnVariablePrefix[] = "OUTDIAL_";

// Everything that goes out with one dialing. The references are read during the call only.
struct VariableSources {
  const v1::Plan& plan;
  const v1::Dlma& dlma;
  const v1::Destination& destination;
  const v1::Dl& dl;
  CampaignUuid campaign;
  DialingUuid dialing;
};

// Name and value, one `Variable` header each, in order: those of plan, dlma, destination and dl,
// where a later one replaces the value of an earlier one in its place; then the entry's udata
// under the plan's uui_field, `PJSIP_HEADER(add,NAME)` where that is a SIP header; then Outdial's
// own. `X`, `_X` and `__X` name the same variable. At most kMaxMergedVariables.
std::vector<std::pair<std::string, std::string>> MergeVariables(const VariableSources& sources);

// Whether udata under this name is a SIP header: it begins with `X-` or is `User-to-User`, in any
// case.
bool IsSipHeaderField(absl::string_view uui_field);

// Drops all but the last of the variables that share a name; the last takes the first one's place.
void KeepLastOfEachName(google::protobuf::RepeatedPtrField<v1::Variable>* variables);

}  // namespace outdial::engine
