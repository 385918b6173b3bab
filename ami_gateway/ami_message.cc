#include "ami_gateway/ami_message.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace outdial::ami {
namespace {

// Most names differ in length already.
bool IsNamed(const AmiHeader& header, absl::string_view name) {
  return header.name.size() == name.size() && absl::EqualsIgnoreCase(header.name, name);
}

}  // namespace

std::optional<absl::string_view> AmiMessage::Find(absl::string_view name) const {
  for (const AmiHeader& header : headers_) {
    if (IsNamed(header, name)) return absl::string_view(header.value);
  }
  return std::nullopt;
}

absl::string_view AmiMessage::Get(absl::string_view name) const {
  return Find(name).value_or(absl::string_view());
}

std::vector<absl::string_view> AmiMessage::GetAll(absl::string_view name) const {
  std::vector<absl::string_view> values;
  for (const AmiHeader& header : headers_) {
    if (IsNamed(header, name)) values.push_back(header.value);
  }
  return values;
}

std::optional<int> AmiMessage::GetInt(absl::string_view name) const {
  int value = 0;
  if (!absl::SimpleAtoi(Get(name), &value)) return std::nullopt;
  return value;
}

}  // namespace outdial::ami
