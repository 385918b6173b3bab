// Errors with their reason, given where they are born. The server alone turns them into gRPC
// statuses with google.rpc details, the AMI listener alone into `Response: Error`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace outdial::engine {

// Machine-readable reason of an error, ErrorInfo.reason over gRPC. Names are part of the API:
// they are never changed, only added.
enum class Reason {
  kNone,
  kInvalidField,        // INVALID_FIELD
  kUnknownUuid,         // UNKNOWN_UUID
  kRecordInUse,         // RECORD_IN_USE: something refers to it
  kCampaignRunning,     // CAMPAIGN_RUNNING: stop it first
  kCampaignIncomplete,  // CAMPAIGN_INCOMPLETE: started without what it needs
  kEntryBusy,           // ENTRY_BUSY: the entry is being dialled
  kRevisionMismatch,    // REVISION_MISMATCH
  kRequestIdReused,     // REQUEST_ID_REUSED: same id, other body
  kNotAvailableYet,     // NOT_AVAILABLE_YET: in the contract, not built
  kNodePermission,      // NODE_PERMISSION: a node's login may not see or do what is needed
  kImportOutOfOrder,    // IMPORT_OUT_OF_ORDER: a gap between batches
  kPositionTrimmed,     // POSITION_TRIMMED: what was asked for is no longer kept
  kTooBroad,            // TOO_BROAD: no index serves what is asked for
  kLimitReached,        // LIMIT_REACHED: a bound of the server
  kStoreUnavailable,    // STORE_UNAVAILABLE: can't be written right now
  kShuttingDown,        // SHUTTING_DOWN
};

// `kUnknownUuid` -> "UNKNOWN_UUID".
absl::string_view ReasonName(Reason reason);

// One bad field and what it must be.
struct FieldViolation {
  std::string field;        // API path, for example "plan.max_retry[0]"
  std::string description;  // "must be 0 to 20"
};

// INVALID_ARGUMENT that names every bad field at once. `violations` must not be empty.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations,
                           Reason reason = Reason::kInvalidField);
absl::Status InvalidField(absl::string_view field, absl::string_view description);

// NOT_FOUND; `kind` is the record's name: "No such campaign", exactly, since AMI clients know it.
absl::Status NoSuch(absl::string_view kind, absl::string_view uuid);

absl::Status FailedPrecondition(Reason reason, absl::string_view message);
absl::Status Aborted(Reason reason, absl::string_view message);
absl::Status AlreadyExists(Reason reason, absl::string_view message);
absl::Status ResourceExhausted(Reason reason, absl::string_view message);
absl::Status Unavailable(Reason reason, absl::string_view message);
absl::Status OutOfRange(Reason reason, absl::string_view message);

// What the functions above put into a Status; kNone and empty for others.
Reason ReasonOf(const absl::Status& status);
std::string UnknownUuidOf(const absl::Status& status);
std::vector<FieldViolation> ViolationsOf(const absl::Status& status);

}  // namespace outdial::engine
