#include "ami_gateway/ami_action_headers.h"

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace outdial::ami {
namespace {

// Asterisk skips all control characters before a value, not only blanks.
absl::string_view SkipBlanks(absl::string_view value) {
  while (!value.empty() && static_cast<unsigned char>(value.front()) <= ' ') value.remove_prefix(1);
  return value;
}

}  // namespace

std::optional<absl::string_view> ActionHeader(const AmiMessage& action, absl::string_view name) {
  const std::optional<absl::string_view> value = action.Find(name);
  if (!value.has_value()) return std::nullopt;
  return SkipBlanks(*value);
}

absl::string_view ActionName(const AmiMessage& action) {
  for (const AmiHeader& header : action.headers()) {
    if (!absl::EqualsIgnoreCase(header.name, "Action")) continue;
    const absl::string_view value = SkipBlanks(header.value);
    if (!value.empty()) return value;
  }
  return "";
}

std::optional<std::string> ActionId(const AmiMessage& action) {
  const absl::string_view id = ActionHeader(action, "ActionID").value_or("");
  if (id.empty()) return std::nullopt;
  return absl::StrReplaceAll(id, {{"\r", " "}});
}

}  // namespace outdial::ami
