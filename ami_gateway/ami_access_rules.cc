#include "ami_gateway/ami_access_rules.h"

#include <utility>

#include "absl/strings/ascii.h"

namespace outdial::ami {

absl::StatusOr<AmiAccessRules> AmiAccessRules::Create(const std::vector<AmiAccess>& access) {
  AmiAccessRules rules;
  for (const AmiAccess& entry : access) {
    absl::StatusOr<Networks> networks = Networks::Parse(entry.networks);
    if (!networks.ok()) return networks.status();
    Rule rule{.logins = {}, .networks = *std::move(networks), .rights = {entry.use, entry.see}};
    for (const std::string& login : entry.logins) rule.logins.insert(absl::AsciiStrToLower(login));
    rules.rules_.push_back(std::move(rule));
  }
  return rules;
}

OutRights AmiAccessRules::RightsOf(absl::string_view login,
                                   const boost::asio::ip::address& source) const {
  OutRights rights;
  const std::string name = absl::AsciiStrToLower(login);
  for (const Rule& rule : rules_) {
    if (!rule.logins.contains(name)) continue;
    if (!rule.networks.empty() && !rule.networks.Contains(source)) continue;
    rights.use = rights.use || rule.rights.use;
    rights.see = rights.see || rule.rights.see;
  }
  return rights;
}

}  // namespace outdial::ami
