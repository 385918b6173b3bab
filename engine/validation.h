// What clients may write: every bound and every form of every field. Pure functions.
//
// A `...Problem` function says what a value must be, ready to stand after the field's name
// ("must be 1 to 64 of [+*#0-9A-Za-z_]"); absent: the value is good.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/engine_config.h"
#include "engine/field_checker.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/destination.pb.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dlma.pb.h"
#include "outdial/v1/plan.pb.h"

namespace outdial::engine {

// A text of this length fits into an AMI line, which holds 1022 bytes.
inline constexpr size_t kMaxTextBytes = 900;
inline constexpr size_t kMaxRequestIdBytes = 128;
// The variables of plan, dlma, destination and dl together fit into one Originate: see
// variable_merger.h.
inline constexpr int kMaxVariablesPerRecord = 25;

// Each checks a whole record, as it would be stored; output-only fields are not looked at. Fields
// are named from the record down: `plan.max_retry[0]`. What needs more than the record is the
// caller's: whether uuids and zones exist, and that a new campaign is stopped.
void CheckCampaign(const v1::Campaign& campaign, const EngineConfig& config, FieldChecker& checker);
void CheckPlan(const v1::Plan& plan, const EngineConfig& config, FieldChecker& checker);
void CheckDlma(const v1::Dlma& dlma, const EngineConfig& config, FieldChecker& checker);
void CheckDestination(const v1::Destination& destination, const EngineConfig& config,
                      FieldChecker& checker);
void CheckDl(const v1::Dl& dl, const EngineConfig& config, FieldChecker& checker);

// Valid UTF-8 of at most kMaxTextBytes without CR, LF or NUL.
std::optional<std::string> TextProblem(absl::string_view text);
std::optional<std::string> UuidProblem(absl::string_view text);
// A client's own id of a request: a text of 1 to kMaxRequestIdBytes.
std::optional<std::string> RequestIdProblem(absl::string_view request_id);
// A number as a client gives it; what is dialled of it is told in dial_string.h.
std::optional<std::string> NumberProblem(absl::string_view number, const EngineConfig& config);
// A channel variable that a client may set: never a function, never one of Outdial's own.
std::optional<std::string> VariableNameProblem(absl::string_view name);

}  // namespace outdial::engine
