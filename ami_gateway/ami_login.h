// The action Login.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// A plain value.
struct AmiLogin {
  std::string username;
  bool md5 = false;  // `key` answers a challenge; otherwise `secret` stands for itself
  std::string secret;
  std::string key;
  AmiClasses event_mask = kAmiAllClasses;
};

AmiLogin ReadAmiLogin(const AmiMessage& action);

// Whether the login proves this secret; an empty one can't be proved. `challenge`: what was given
// to the client; nullopt: none. Takes the same time wherever a guess is wrong.
bool ProvesSecret(const AmiLogin& login, absl::string_view secret,
                  const std::optional<std::string>& challenge);

}  // namespace outdial::ami
