#include "cli/command_status.h"

#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace outdial::cli {
namespace {

ExitCode ExitCodeOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return ExitCode::kOk;
    case grpc::StatusCode::NOT_FOUND:
      return ExitCode::kNotFound;
    case grpc::StatusCode::INVALID_ARGUMENT:
      return ExitCode::kInvalid;
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::OUT_OF_RANGE:
      return ExitCode::kForbidden;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return ExitCode::kUnavailable;
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return ExitCode::kPermission;
    default:
      return ExitCode::kFailed;
  }
}

// "No such campaign" -> "no such campaign", but "UUID ..." stays.
std::string LowerCaseStart(std::string text) {
  const bool is_word = text.size() < 2 || !absl::ascii_isupper(text[1]);
  if (!text.empty() && is_word) text[0] = absl::ascii_tolower(text[0]);
  return text;
}

// gRPC's own words where no connection could be made: a chain of reasons, the last one the cause.
bool IsNotReached(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE &&
         (absl::StartsWith(status.error_message(), "failed to connect to all addresses") ||
          absl::StartsWith(status.error_message(), "DNS resolution failed"));
}

std::string LastPart(absl::string_view reasons) {
  const size_t colon = reasons.rfind(": ");
  return std::string(colon == absl::string_view::npos ? reasons : reasons.substr(colon + 2));
}

std::string Duration(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(absl::Seconds(duration.seconds()) +
                              absl::Nanoseconds(duration.nanos()));
}

// One bad field is the message itself; of several, each gets a line.
void AddViolations(const google::rpc::BadRequest& bad, CommandStatus* result) {
  const auto& violations = bad.field_violations();
  if (violations.size() == 1) {
    result->message =
        absl::StrCat(ReadableField(violations[0].field()), " ", violations[0].description());
    return;
  }
  result->message = absl::StrCat(violations.size(), " values are not valid");
  for (const auto& violation : violations) {
    result->details.push_back(
        absl::StrCat(ReadableField(violation.field()), ": ", violation.description()));
  }
}

// Adds what one google.rpc detail says; details of other kinds are passed over.
void AddDetail(const google::protobuf::Any& any, CommandStatus* result) {
  std::vector<std::string>* const lines = &result->details;
  if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) {
    if (!bad.field_violations().empty()) AddViolations(bad, result);
  } else if (google::rpc::PreconditionFailure failure; any.UnpackTo(&failure)) {
    for (const auto& violation : failure.violations()) {
      lines->push_back(absl::StrCat(violation.subject(), ": ", violation.description()));
    }
  } else if (google::rpc::RetryInfo retry; any.UnpackTo(&retry)) {
    lines->push_back(absl::StrCat("try again in ", Duration(retry.retry_delay())));
  } else if (google::rpc::ErrorInfo info; any.UnpackTo(&info)) {
    lines->push_back(absl::StrCat("reason: ", info.reason()));
  }
}

// What to do about errors that the server could not explain itself, mostly because it was never
// reached.
std::string Remedy(grpc::StatusCode code, absl::string_view server) {
  switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
      return absl::StrCat("is outdiald running at ", server,
                          "? --server or OUTDIAL_SERVER names another address, --tls-ca a "
                          "certificate where it has TLS");
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::StrCat("no answer from ", server, " in time; --timeout allows more");
    case grpc::StatusCode::UNIMPLEMENTED:
      return absl::StrCat("the server at ", server, " is older than this outdialctl");
    case grpc::StatusCode::UNAUTHENTICATED:
      return "--token-file or OUTDIAL_TOKEN_FILE gives the token";
    default:
      return "";
  }
}

}  // namespace

const std::vector<ExitCodeMeaning>& ExitCodeMeanings() {
  static const auto& meanings = *new std::vector<ExitCodeMeaning>{
      {ExitCode::kOk, "done"},
      {ExitCode::kFailed, "failed in a way that has no code of its own"},
      {ExitCode::kUsage, "the command line is wrong; nothing was sent"},
      {ExitCode::kNotFound, "no such record"},
      {ExitCode::kInvalid, "a value or a file is not valid"},
      {ExitCode::kForbidden, "the state forbids it: in use, running, other revision"},
      {ExitCode::kUnavailable, "server not reached, busy or too slow: try again later"},
      {ExitCode::kPermission, "not logged in, or not allowed"},
      {ExitCode::kRowsRefused, "import done, and some rows were refused"},
      {ExitCode::kInterrupted, "interrupted"},
  };
  return meanings;
}

std::string ReadableField(absl::string_view path) {
  const size_t end_of_record = path.find_first_of(".[");
  const bool has_record = end_of_record != absl::string_view::npos && path[end_of_record] == '.';
  absl::string_view name = has_record ? path.substr(end_of_record + 1) : path;
  const size_t bracket = name.rfind('[');
  uint32_t index = 0;
  if (bracket == absl::string_view::npos || !absl::ConsumeSuffix(&name, "]") ||
      !absl::SimpleAtoi(name.substr(bracket + 1), &index)) {
    return std::string(name);
  }
  return absl::StrCat(name.substr(0, bracket), index + 1);
}

CommandStatus UsageError(absl::string_view message) {
  return {ExitCode::kUsage, std::string(message), {}};
}

CommandStatus FromGrpc(const grpc::Status& status, absl::string_view server) {
  CommandStatus result;
  result.code = ExitCodeOf(status.error_code());
  if (result.ok()) return result;
  result.message = IsNotReached(status) ? absl::StrCat("outdiald is not reached at ", server, ": ",
                                                       LastPart(status.error_message()))
                                        : LowerCaseStart(status.error_message());
  if (result.message.empty()) {
    result.message = absl::StrCat("the server gave error code ", status.error_code());
  }
  google::rpc::Status rich;
  if (rich.ParseFromString(status.error_details())) {
    for (const auto& any : rich.details()) AddDetail(any, &result);
  }
  const std::string remedy = Remedy(status.error_code(), server);
  // How this program is given a token, the server can't know.
  const bool is_ours = status.error_code() == grpc::StatusCode::UNAUTHENTICATED;
  if ((result.details.empty() || is_ours) && !remedy.empty()) result.details.push_back(remedy);
  return result;
}

std::string ErrorText(const CommandStatus& status) {
  std::string text = absl::StrCat("error: ", status.message, "\n");
  for (const std::string& line : status.details) absl::StrAppend(&text, "  ", line, "\n");
  return text;
}

}  // namespace outdial::cli
