#include "ami_gateway/agi_request.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace outdial::ami {
namespace {

// The first one counts: what comes later may be part of a value that a caller chose.
void SetOnce(absl::string_view value, std::string* field) {
  if (field->empty()) *field = std::string(value);
}

// They come in order, from 1.
absl::Status AddArgument(absl::string_view number, absl::string_view value, AgiRequest* request) {
  if (request->arguments.size() == kMaxAgiArguments) {
    return absl::InvalidArgumentError(
        absl::StrCat("there are more than ", kMaxAgiArguments, " arguments"));
  }
  if (number != absl::StrCat(request->arguments.size() + 1)) {
    return absl::InvalidArgumentError(
        "the arguments are out of order: none of them may hold a line break");
  }
  request->arguments.emplace_back(value);
  return absl::OkStatus();
}

absl::Status AddLine(absl::string_view line, AgiRequest* request) {
  const size_t colon = line.find(':');
  if (!absl::ConsumePrefix(&line, "agi_") || colon == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "a line is not of the form `agi_name: value`: no argument may hold a line break");
  }
  const absl::string_view name = line.substr(0, colon - 4);
  absl::string_view value = line.substr(colon - 4 + 1);
  absl::ConsumePrefix(&value, " ");
  absl::string_view number = name;
  if (absl::ConsumePrefix(&number, "arg_")) return AddArgument(number, value, request);
  if (name == "network_script") SetOnce(value, &request->path);
  if (name == "channel") SetOnce(value, &request->channel);
  if (name == "uniqueid") SetOnce(value, &request->uniqueid);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AgiRequest> ParseAgiRequest(absl::string_view block) {
  AgiRequest request;
  for (const absl::string_view line : absl::StrSplit(block, '\n')) {
    if (line.empty()) break;
    if (const absl::Status status = AddLine(line, &request); !status.ok()) return status;
  }
  return request;
}

}  // namespace outdial::ami
