#include "ami_gateway/networks.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

namespace ip = boost::asio::ip;

Networks Parsed(const std::vector<std::string>& texts) {
  absl::StatusOr<Networks> networks = Networks::Parse(texts);
  EXPECT_TRUE(networks.ok()) << networks.status();
  return networks.ok() ? *networks : Networks();
}

bool Contains(const std::string& network, const std::string& address) {
  return Parsed({network}).Contains(ip::make_address(address));
}

TEST(NetworksTest, PrefixDecides) {
  EXPECT_TRUE(Contains("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(Contains("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(NetworksTest, BitsBeyondThePrefixDontCount) {
  EXPECT_TRUE(Contains("192.0.2.77/24", "192.0.2.1"));
}

TEST(NetworksTest, AddressAloneIsItself) {
  EXPECT_TRUE(Contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(Contains("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(Contains("::1", "::1"));
  EXPECT_FALSE(Contains("::1", "::2"));
}

TEST(NetworksTest, PrefixOfZeroIsAllOfItsFamily) {
  EXPECT_TRUE(Contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(Contains("::/0", "2001:db8::1"));
  EXPECT_FALSE(Contains("::/0", "203.0.113.9"));
}

TEST(NetworksTest, MappedAddressIsIpv4OnBothSides) {
  EXPECT_TRUE(Contains("127.0.0.0/8", "::ffff:127.0.0.1"));
  EXPECT_FALSE(Contains("127.0.0.0/8", "::ffff:128.0.0.1"));
  EXPECT_TRUE(Contains("::ffff:192.0.2.0/120", "192.0.2.9"));
  EXPECT_FALSE(Contains("::ffff:192.0.2.0/120", "192.0.3.9"));
}

TEST(NetworksTest, InterfaceOfALinkLocalAddressDoesntCount) {
  EXPECT_TRUE(Contains("fe80::/10", "fe80::1%1"));
  EXPECT_TRUE(Contains("fe80::1%1", "fe80::1%2"));
  EXPECT_FALSE(Contains("fe80::2", "fe80::1%1"));
}

TEST(NetworksTest, AnyOfThemLetsIn) {
  const Networks networks = Parsed({"192.0.2.0/24", "2001:db8::/32"});
  EXPECT_TRUE(networks.Contains(ip::make_address("192.0.2.1")));
  EXPECT_TRUE(networks.Contains(ip::make_address("2001:db8::1")));
  EXPECT_FALSE(networks.Contains(ip::make_address("198.51.100.1")));
  EXPECT_FALSE(Parsed({}).Contains(ip::make_address("127.0.0.1")));
}

TEST(NetworksTest, RefusesWhatIsNoNetwork) {
  for (const char* text : {"", "localhost", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "/8",
                           "192.0.2/24", "192.0.2.0/24/1", "2001:db8::/129", "192.0.2.0/x"}) {
    const absl::Status status = Networks::Parse({"127.0.0.1", text}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(std::string("'") + text + "'"));
  }
}

}  // namespace
}  // namespace outdial::ami
