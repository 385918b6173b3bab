// Which addresses a listener lets in.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace outdial::ami {

// The address as what it really is: one that was mapped into IPv6 (::ffff:192.0.2.1), as a socket
// for both families shows it, as IPv4; a link-local one without its interface (fe80::1%eth0).
boost::asio::ip::address PlainAddress(const boost::asio::ip::address& address);

// A set of networks. A plain value.
class Networks {
 public:
  // Each as `192.0.2.0/24` or `2001:db8::/32`, or one address alone. Bits beyond the prefix don't
  // count. INVALID_ARGUMENT: one of them is no network.
  static absl::StatusOr<Networks> Parse(const std::vector<std::string>& texts);

  bool Contains(const boost::asio::ip::address& address) const;
  bool empty() const { return v4_.empty() && v6_.empty(); }

 private:
  absl::Status Add(const std::string& text);

  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

}  // namespace outdial::ami
