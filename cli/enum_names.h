// Enum values as people write and read them: DIAL_MODE_PROGRESSIVE is `progressive`.
#pragma once

#include <google/protobuf/descriptor.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::cli {

// As written on a command line: lower case, `-` between words: `no-answer`.
std::string FlagName(const google::protobuf::EnumValueDescriptor& value);
// As shown in text output: `no answer`.
std::string Words(const google::protobuf::EnumValueDescriptor& value);
// Number of the value that `text` means: its flag name, its full name, or its number, in any case
// and with `-`, `_` or nothing between words. Absent: none.
std::optional<int> ParseEnum(const google::protobuf::EnumDescriptor& type, absl::string_view text);
// All flag names, in the order of the proto file.
std::vector<std::string> FlagNames(const google::protobuf::EnumDescriptor& type);

}  // namespace outdial::cli
