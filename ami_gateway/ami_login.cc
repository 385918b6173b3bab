#include "ami_gateway/ami_login.h"

#include <openssl/crypto.h>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "ami_gateway/ami_action_headers.h"
#include "ami_gateway/md5_login.h"

namespace outdial::ami {
namespace {

bool SameSecret(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

AmiLogin ReadAmiLogin(const AmiMessage& action) {
  const auto text = [&action](absl::string_view name) {
    return std::string(ActionHeader(action, name).value_or(""));
  };
  AmiLogin login;
  login.username = text("Username");
  login.md5 = absl::EqualsIgnoreCase(text("AuthType"), "MD5");
  login.secret = text("Secret");
  login.key = text("Key");
  login.event_mask = ParseAmiEventMask(text("Events")).value_or(kAmiAllClasses);
  return login;
}

bool ProvesSecret(const AmiLogin& login, absl::string_view secret,
                  const std::optional<std::string>& challenge) {
  if (secret.empty()) return false;
  if (!login.md5) return SameSecret(login.secret, secret);
  if (!challenge.has_value()) return false;
  const absl::StatusOr<std::string> key = ChallengeKey(*challenge, secret);
  return key.ok() && SameSecret(absl::AsciiStrToLower(login.key), *key);
}

}  // namespace outdial::ami
