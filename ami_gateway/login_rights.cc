#include "ami_gateway/login_rights.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace outdial::ami {

void LoginRights::NoteCommands(const AmiMessage& response) {
  for (const AmiHeader& header : response.headers()) {
    commands_.insert(absl::AsciiStrToLower(header.name));
  }
}

// Lines look like `Line-000000-000002: read=call,agent`; a later one replaces an earlier one.
void LoginRights::NoteConfig(const AmiMessage& response) {
  for (const AmiHeader& header : response.headers()) {
    if (!absl::StartsWithIgnoreCase(header.name, "Line-")) continue;
    const std::pair<std::string, std::string> line =
        absl::StrSplit(header.value, absl::MaxSplits('=', 1));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(line.first), "read")) continue;
    read_classes_.emplace();
    for (const absl::string_view name : absl::StrSplit(line.second, ',')) {
      read_classes_->insert(absl::AsciiStrToLower(absl::StripAsciiWhitespace(name)));
    }
  }
}

bool LoginRights::May(absl::string_view action) const {
  return commands_.count(absl::AsciiStrToLower(action)) > 0;
}

bool LoginRights::Sees(absl::string_view event_class) const {
  if (event_class == "system") return fully_booted_seen_;
  if (!read_classes_.has_value()) return true;
  return read_classes_->count("all") > 0 || read_classes_->count(std::string(event_class)) > 0;
}

std::vector<std::string> LoginRights::Problems() const {
  std::vector<std::string> problems;
  const auto check = [&problems](bool granted, const char* problem) {
    if (!granted) problems.emplace_back(problem);
  };
  check(May("Originate"), "can't start calls: add `originate` to `write` in manager.conf");
  check(May("Hangup"), "can't end calls: add `call` to `write` in manager.conf");
  check(Sees("call"), "sees no events of calls: add `call` to `read` in manager.conf");
  check(Sees("agent"), "sees no queues and agents: add `agent` to `read` in manager.conf");
  check(Sees("system"),
        "can't tell when this Asterisk restarts: add `system` to `read` in manager.conf");
  return problems;
}

}  // namespace outdial::ami
