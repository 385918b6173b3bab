// What the manager login of a node may do and see.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// Gathered by asking: ListCommands names exactly the actions that the login's write classes allow
// and whose modules are loaded. No action tells the read classes; they are read from the login's
// own section of manager.conf where it may see that, and from FullyBooted. What can't be known is
// taken as granted. A plain value.
class LoginRights {
 public:
  // The Response to ListCommands.
  void NoteCommands(const AmiMessage& response);
  // The successful Response to GetConfig of manager.conf, cut down to this login's category.
  void NoteConfig(const AmiMessage& response);
  // FullyBooted came, which takes read class `system`.
  void NoteFullyBooted() { fully_booted_seen_ = true; }

  bool May(absl::string_view action) const;
  // `event_class` as in manager.conf: call, agent, system.
  bool Sees(absl::string_view event_class) const;

  bool may_originate() const { return May("Originate") && May("Hangup"); }

  // What is missing, each with its remedy.
  std::vector<std::string> Problems() const;

 private:
  std::set<std::string> commands_;  // lower case
  std::optional<std::set<std::string>> read_classes_;
  bool fully_booted_seen_ = false;
};

}  // namespace outdial::ami
