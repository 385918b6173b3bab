#include "ami_gateway/networks.h"

#include <boost/asio/ip/address_v6.hpp>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace outdial::ami {
namespace {

namespace ip = boost::asio::ip;

constexpr int kV4Bits = 32;
constexpr int kV6Bits = 128;
// Of an IPv4 address that is mapped into IPv6.
constexpr int kMappedPrefixBits = 96;

// nullopt: not a number of 0 to `bits`.
std::optional<int> ParsePrefix(const std::string& text, int bits) {
  int prefix = 0;
  if (!absl::SimpleAtoi(text, &prefix) || prefix < 0 || prefix > bits) return std::nullopt;
  return prefix;
}

bool InNetwork(const ip::network_v4& network, const ip::address_v4& address) {
  return ip::network_v4(address, network.prefix_length()).canonical() == network;
}

bool InNetwork(const ip::network_v6& network, const ip::address_v6& address) {
  return ip::network_v6(address, network.prefix_length()).canonical() == network;
}

template <class Network, class Address>
bool InAny(const std::vector<Network>& networks, const Address& address) {
  for (const Network& network : networks) {
    if (InNetwork(network, address)) return true;
  }
  return false;
}

}  // namespace

ip::address PlainAddress(const ip::address& address) {
  if (address.is_v4()) return address;
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  return ip::address_v6(v6.to_bytes());
}

absl::StatusOr<Networks> Networks::Parse(const std::vector<std::string>& texts) {
  Networks networks;
  for (const std::string& text : texts) {
    if (absl::Status status = networks.Add(text); !status.ok()) return status;
  }
  return networks;
}

absl::Status Networks::Add(const std::string& text) {
  const absl::Status bad = absl::InvalidArgumentError(absl::StrCat(
      "'", text, "' is no network: it must be an address, or one with a prefix length such as ",
      "192.0.2.0/24 or 2001:db8::/32"));
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  boost::system::error_code error;
  const ip::address address = ip::make_address(parts[0], error);
  if (error || parts.size() > 2) return bad;
  const int bits = address.is_v4() ? kV4Bits : kV6Bits;
  std::optional<int> prefix = parts.size() == 2 ? ParsePrefix(parts[1], bits) : bits;
  if (!prefix.has_value()) return bad;
  if (address.is_v6() && address.to_v6().is_v4_mapped() && *prefix >= kMappedPrefixBits) {
    v4_.push_back(ip::network_v4(PlainAddress(address).to_v4(),
                                 static_cast<unsigned short>(*prefix - kMappedPrefixBits))
                      .canonical());
  } else if (address.is_v4()) {
    v4_.push_back(
        ip::network_v4(address.to_v4(), static_cast<unsigned short>(*prefix)).canonical());
  } else {
    v6_.push_back(
        ip::network_v6(PlainAddress(address).to_v6(), static_cast<unsigned short>(*prefix))
            .canonical());
  }
  return absl::OkStatus();
}

bool Networks::Contains(const ip::address& address) const {
  const ip::address plain = PlainAddress(address);
  return plain.is_v4() ? InAny(v4_, plain.to_v4()) : InAny(v6_, plain.to_v6());
}

}  // namespace outdial::ami
