#include "ami_gateway/out_dl_create.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/errors.h"

namespace outdial::ami {
namespace {

constexpr size_t kMaxNumbers = 8;
// Places of the arguments.
enum : size_t { kDlma, kNumbers, kName, kDetail, kEmail, kUkey, kFirstVariables };
constexpr char kForm[] = "OutDlCreate(dlma,number1[:number2...][,name,detail,email,ukey,var=val])";

// The argument at `index`, empty if it is not given.
absl::string_view Argument(const std::vector<std::string>& arguments, size_t index) {
  if (index >= arguments.size()) return "";
  return absl::StripAsciiWhitespace(arguments[index]);
}

bool IsSipScheme(absl::string_view text) {
  return absl::EqualsIgnoreCase(text, "sip") || absl::EqualsIgnoreCase(text, "sips");
}

std::vector<std::string> SplitNumbers(absl::string_view list) {
  std::vector<std::string> numbers;
  bool joins = false;
  for (const absl::string_view part : absl::StrSplit(list, ':')) {
    const absl::string_view number = absl::StripAsciiWhitespace(part);
    if (joins) {
      absl::StrAppend(&numbers.back(), ":", number);
    } else {
      numbers.emplace_back(number);
    }
    joins = !joins && IsSipScheme(number);
  }
  while (!numbers.empty() && numbers.back().empty()) numbers.pop_back();
  return numbers;
}

bool BeginsWithNameAndEquals(absl::string_view text) {
  const auto* end = std::find_if_not(text.begin(), text.end(), [](char byte) {
    return byte == '_' || absl::ascii_isalnum(static_cast<unsigned char>(byte));
  });
  return end != text.begin() && end != text.end() && *end == '=' &&
         !absl::ascii_isdigit(static_cast<unsigned char>(text.front()));
}

std::vector<std::string> SplitVariables(absl::string_view list) {
  std::vector<std::string> variables;
  for (const absl::string_view part : absl::StrSplit(list, ':')) {
    if (variables.empty() || BeginsWithNameAndEquals(absl::StripLeadingAsciiWhitespace(part))) {
      variables.emplace_back(absl::StripLeadingAsciiWhitespace(part));
    } else {
      absl::StrAppend(&variables.back(), ":", part);
    }
  }
  return variables;
}

absl::Status AddNumbers(absl::string_view list, v1::Dl* dl) {
  const std::vector<std::string> numbers = SplitNumbers(list);
  if (numbers.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the second argument must hold at least one number: ", kForm));
  }
  if (numbers.size() > kMaxNumbers) {
    return absl::InvalidArgumentError(absl::StrCat(
        "there are ", numbers.size(), " numbers, and an entry holds at most ", kMaxNumbers));
  }
  dl->mutable_number()->Assign(numbers.begin(), numbers.end());
  return absl::OkStatus();
}

absl::Status AddVariables(absl::string_view list, v1::Dl* dl) {
  if (list.empty()) return absl::OkStatus();
  for (const std::string& entry : SplitVariables(list)) {
    const std::pair<absl::string_view, absl::string_view> variable =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (!absl::StrContains(entry, '=')) {
      return absl::InvalidArgumentError(absl::StrCat("variable ", dl->variables_size() + 1,
                                                     " must be written name=value: it holds no ="));
    }
    v1::Variable* const added = dl->add_variables();
    added->set_name(std::string(variable.first));
    added->set_value(std::string(variable.second));
  }
  return absl::OkStatus();
}

// `dl.number[1]` -> `number 2`.
std::string ArgumentName(absl::string_view field) {
  absl::ConsumePrefix(&field, "dl.");
  if (field == "dlma_uuid") return "dlma";
  absl::string_view rest = field;
  const bool is_variable = absl::ConsumePrefix(&rest, "variables[");
  if (!is_variable && !absl::ConsumePrefix(&rest, "number[")) return std::string(field);
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, ']');
  size_t index = 0;
  if (!absl::SimpleAtoi(parts.first, &index)) return std::string(field);
  if (!is_variable) return absl::StrCat("number ", index + 1);
  const absl::string_view part = parts.second == ".name" ? "name" : "value";
  return absl::StrCat("the ", part, " of variable ", index + 1);
}

}  // namespace

absl::StatusOr<v1::OutDlListCreateRequest> ReadOutDlCreate(
    const std::vector<std::string>& arguments) {
  v1::OutDlListCreateRequest request;
  v1::Dl* const dl = request.mutable_dl();
  if (Argument(arguments, kDlma).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the first argument must be the uuid of a dlma: ", kForm));
  }
  dl->set_dlma_uuid(std::string(Argument(arguments, kDlma)));
  absl::Status status = AddNumbers(Argument(arguments, kNumbers), dl);
  const auto text = [&](size_t index) { return std::string(Argument(arguments, index)); };
  if (!text(kName).empty()) dl->set_name(text(kName));
  if (!text(kDetail).empty()) dl->set_detail(text(kDetail));
  if (!text(kEmail).empty()) dl->set_email(text(kEmail));
  if (!text(kUkey).empty()) dl->set_ukey(text(kUkey));
  for (size_t i = kFirstVariables; i < arguments.size() && status.ok(); ++i) {
    status = AddVariables(Argument(arguments, i), dl);
  }
  if (!status.ok()) return status;
  return request;
}

std::string OutDlCreateProblem(const absl::Status& status) {
  const std::vector<engine::FieldViolation> violations = engine::ViolationsOf(status);
  if (violations.empty()) return std::string(status.message());
  return absl::StrJoin(
      violations, "; ", [](std::string* out, const engine::FieldViolation& violation) {
        absl::StrAppend(out, ArgumentName(violation.field), " ", violation.description);
      });
}

}  // namespace outdial::ami
