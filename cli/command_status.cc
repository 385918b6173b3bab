#include "cli/command_status.h"

#include <cctype>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
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

std::string Duration(const google::protobuf::Duration& duration) {
  return absl::FormatDuration(absl::Seconds(duration.seconds()) +
                              absl::Nanoseconds(duration.nanos()));
}

// Adds what one google.rpc detail says; details of other kinds are passed over.
void AddDetail(const google::protobuf::Any& any, std::vector<std::string>* lines) {
  if (google::rpc::BadRequest bad; any.UnpackTo(&bad)) {
    for (const auto& field : bad.field_violations()) {
      lines->push_back(absl::StrCat(field.field(), ": ", field.description()));
    }
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
                          "? --server or OUTDIAL_SERVER names another address");
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

CommandStatus UsageError(absl::string_view message) {
  return {ExitCode::kUsage, std::string(message), {}};
}

CommandStatus FromGrpc(const grpc::Status& status, absl::string_view server) {
  CommandStatus result;
  result.code = ExitCodeOf(status.error_code());
  if (result.ok()) return result;
  result.message = LowerCaseStart(status.error_message());
  if (result.message.empty()) {
    result.message = absl::StrCat("the server gave error code ", status.error_code());
  }
  google::rpc::Status rich;
  if (rich.ParseFromString(status.error_details())) {
    for (const auto& any : rich.details()) AddDetail(any, &result.details);
  }
  const std::string remedy = Remedy(status.error_code(), server);
  if (result.details.empty() && !remedy.empty()) result.details.push_back(remedy);
  return result;
}

std::string ErrorText(const CommandStatus& status) {
  std::string text = absl::StrCat("error: ", status.message, "\n");
  for (const std::string& line : status.details) absl::StrAppend(&text, "  ", line, "\n");
  return text;
}

}  // namespace outdial::cli
