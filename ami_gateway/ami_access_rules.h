// What a login of Asterisk's may do with Outdial's own actions and events.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ami_gateway/ami_client_session.h"
#include "ami_gateway/ami_listener.h"
#include "ami_gateway/networks.h"

namespace outdial::ami {

// A plain value.
class AmiAccessRules {
 public:
  // INVALID_ARGUMENT: a network is none.
  static absl::StatusOr<AmiAccessRules> Create(const std::vector<AmiAccess>& access);

  // What any rule grants that names the login and holds its address.
  OutRights RightsOf(absl::string_view login, const boost::asio::ip::address& source) const;

 private:
  struct Rule {
    std::set<std::string> logins;  // lower case
    Networks networks;             // empty: any
    OutRights rights;
  };
  std::vector<Rule> rules_;
};

}  // namespace outdial::ami
