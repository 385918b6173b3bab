#include "engine/errors.h"

#include <cstddef>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/check.h"

namespace outdial::engine {
namespace {

constexpr char kReasonUrl[] = "outdial/reason";
constexpr char kUnknownUuidUrl[] = "outdial/unknown_uuid";
constexpr char kViolationsUrl[] = "outdial/violations";

constexpr std::pair<Reason, absl::string_view> kReasonNames[] = {
    {Reason::kNone, "NONE"},
    {Reason::kInvalidField, "INVALID_FIELD"},
    {Reason::kUnknownUuid, "UNKNOWN_UUID"},
    {Reason::kRecordInUse, "RECORD_IN_USE"},
    {Reason::kCampaignRunning, "CAMPAIGN_RUNNING"},
    {Reason::kCampaignIncomplete, "CAMPAIGN_INCOMPLETE"},
    {Reason::kEntryBusy, "ENTRY_BUSY"},
    {Reason::kRevisionMismatch, "REVISION_MISMATCH"},
    {Reason::kRequestIdReused, "REQUEST_ID_REUSED"},
    {Reason::kNotAvailableYet, "NOT_AVAILABLE_YET"},
    {Reason::kNodePermission, "NODE_PERMISSION"},
    {Reason::kImportOutOfOrder, "IMPORT_OUT_OF_ORDER"},
    {Reason::kPositionTrimmed, "POSITION_TRIMMED"},
    {Reason::kTooBroad, "TOO_BROAD"},
    {Reason::kLimitReached, "LIMIT_REACHED"},
    {Reason::kStoreUnavailable, "STORE_UNAVAILABLE"},
    {Reason::kShuttingDown, "SHUTTING_DOWN"},
};

absl::Status WithReason(absl::StatusCode code, Reason reason, absl::string_view message) {
  absl::Status status(code, message);
  status.SetPayload(kReasonUrl, absl::Cord(ReasonName(reason)));
  return status;
}

// A text is kept as `<length>:<bytes>`, so that it may hold anything.
void AppendText(absl::string_view text, std::string* encoded) {
  absl::StrAppend(encoded, text.size(), ":", text);
}

std::string TakeText(absl::string_view* encoded) {
  const size_t colon = encoded->find(':');
  size_t length = 0;
  OUTDIAL_CHECK(colon != absl::string_view::npos &&
                    absl::SimpleAtoi(encoded->substr(0, colon), &length) &&
                    length <= encoded->size() - colon - 1,
                "only AppendText writes this payload");
  std::string text(encoded->substr(colon + 1, length));
  encoded->remove_prefix(colon + 1 + length);
  return text;
}

}  // namespace

absl::string_view ReasonName(Reason reason) {
  for (const auto& [known, name] : kReasonNames) {
    if (known == reason) return name;
  }
  OUTDIAL_CHECK(false, "every reason has a name");
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations, Reason reason) {
  OUTDIAL_CHECK(!violations.empty(), "a bad request has a bad field");
  const std::string message =
      absl::StrJoin(violations, "; ", [](std::string* out, const FieldViolation& violation) {
        absl::StrAppend(out, violation.field, " ", violation.description);
      });
  absl::Status status = WithReason(absl::StatusCode::kInvalidArgument, reason, message);
  std::string encoded;
  for (const FieldViolation& violation : violations) {
    AppendText(violation.field, &encoded);
    AppendText(violation.description, &encoded);
  }
  status.SetPayload(kViolationsUrl, absl::Cord(std::move(encoded)));
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view description) {
  return InvalidFields({{.field = std::string(field), .description = std::string(description)}});
}

absl::Status NoSuch(absl::string_view kind, absl::string_view uuid) {
  absl::Status status =
      WithReason(absl::StatusCode::kNotFound, Reason::kUnknownUuid, absl::StrCat("No such ", kind));
  status.SetPayload(kUnknownUuidUrl, absl::Cord(uuid));
  return status;
}

absl::Status FailedPrecondition(Reason reason, absl::string_view message) {
  return WithReason(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status Aborted(Reason reason, absl::string_view message) {
  return WithReason(absl::StatusCode::kAborted, reason, message);
}

absl::Status AlreadyExists(Reason reason, absl::string_view message) {
  return WithReason(absl::StatusCode::kAlreadyExists, reason, message);
}

absl::Status ResourceExhausted(Reason reason, absl::string_view message) {
  return WithReason(absl::StatusCode::kResourceExhausted, reason, message);
}

absl::Status Unavailable(Reason reason, absl::string_view message) {
  return WithReason(absl::StatusCode::kUnavailable, reason, message);
}

absl::Status OutOfRange(Reason reason, absl::string_view message) {
  return WithReason(absl::StatusCode::kOutOfRange, reason, message);
}

Reason ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kReasonUrl);
  if (!payload.has_value()) return Reason::kNone;
  for (const auto& [reason, name] : kReasonNames) {
    if (*payload == name) return reason;
  }
  OUTDIAL_CHECK(false, "only WithReason writes this payload");
}

std::string UnknownUuidOf(const absl::Status& status) {
  return std::string(status.GetPayload(kUnknownUuidUrl).value_or(absl::Cord()));
}

std::vector<FieldViolation> ViolationsOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kViolationsUrl);
  std::vector<FieldViolation> violations;
  if (!payload.has_value()) return violations;
  const std::string text(*payload);
  absl::string_view encoded = text;
  while (!encoded.empty()) {
    std::string field = TakeText(&encoded);
    std::string description = TakeText(&encoded);
    violations.push_back({.field = std::move(field), .description = std::move(description)});
  }
  return violations;
}

}  // namespace outdial::engine
