#include "cli/enum_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace outdial::cli {
namespace {

// DialMode -> DIAL_MODE_, the prefix of its values.
std::string Prefix(const google::protobuf::EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(c);
  }
  return prefix + "_";
}

std::string ShortName(const google::protobuf::EnumValueDescriptor& value) {
  return absl::AsciiStrToLower(absl::StripPrefix(value.name(), Prefix(*value.type())));
}

std::string WithoutSeparators(absl::string_view text) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(text), {{"-", ""}, {"_", ""}});
}

}  // namespace

std::string FlagName(const google::protobuf::EnumValueDescriptor& value) {
  return absl::StrReplaceAll(ShortName(value), {{"_", "-"}});
}

std::string Words(const google::protobuf::EnumValueDescriptor& value) {
  return absl::StrReplaceAll(ShortName(value), {{"_", " "}});
}

std::optional<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view text) {
  if (int number = 0; absl::SimpleAtoi(text, &number)) {
    if (type.FindValueByNumber(number) == nullptr) return std::nullopt;
    return number;
  }
  const std::string wanted = WithoutSeparators(text);
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    if (wanted == WithoutSeparators(ShortName(value)) ||
        wanted == WithoutSeparators(value.name())) {
      return value.number();
    }
  }
  return std::nullopt;
}

std::vector<std::string> FlagNames(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) names.push_back(FlagName(*type.value(i)));
  return names;
}

}  // namespace outdial::cli
