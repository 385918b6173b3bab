#include "ami_gateway/login_limiter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

constexpr LoginLimits kLimits{
    .max_failed_logins = 3, .window = absl::Minutes(1), .ban = absl::Minutes(5), .max_sources = 4};

boost::asio::ip::address Address(const std::string& text) {
  return boost::asio::ip::make_address(text);
}

class LoginLimiterTest : public ::testing::Test {
 protected:
  bool Fail(const std::string& source, int at_s) {
    return limiter_.NoteFailure(Address(source), absl::Seconds(at_s));
  }
  bool Banned(const std::string& source, int at_s) const {
    return limiter_.IsBanned(Address(source), absl::Seconds(at_s));
  }

  LoginLimiter limiter_{kLimits};
};

TEST_F(LoginLimiterTest, LastAllowedFailureBansItsSourceAlone) {
  EXPECT_FALSE(Fail("192.0.2.1", 0));
  EXPECT_FALSE(Fail("192.0.2.1", 1));
  EXPECT_FALSE(Banned("192.0.2.1", 1));
  EXPECT_TRUE(Fail("192.0.2.1", 2));
  EXPECT_TRUE(Banned("192.0.2.1", 2));
  EXPECT_FALSE(Banned("192.0.2.2", 2));
}

TEST_F(LoginLimiterTest, BanEnds) {
  for (int i = 0; i < 3; ++i) Fail("192.0.2.1", i);
  EXPECT_TRUE(Banned("192.0.2.1", 301));
  EXPECT_FALSE(Banned("192.0.2.1", 302));
  EXPECT_FALSE(Fail("192.0.2.1", 302));  // and counting begins anew
}

TEST_F(LoginLimiterTest, FailureDuringABanNeitherProlongsNorTellsIt) {
  for (int i = 0; i < 3; ++i) Fail("192.0.2.1", i);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Fail("192.0.2.1", 200));
  EXPECT_FALSE(Banned("192.0.2.1", 302));
}

TEST_F(LoginLimiterTest, OldFailuresDontCount) {
  Fail("192.0.2.1", 0);
  Fail("192.0.2.1", 30);
  EXPECT_FALSE(Fail("192.0.2.1", 60));
  EXPECT_TRUE(Fail("192.0.2.1", 61));
}

TEST_F(LoginLimiterTest, Ipv6CountsByItsNetworkOf64Bits) {
  Fail("2001:db8::1", 0);
  Fail("2001:db8::2", 0);
  EXPECT_TRUE(Fail("2001:db8::3", 0));
  EXPECT_TRUE(Banned("2001:db8::ffff:ffff:ffff:ffff", 0));
  EXPECT_FALSE(Banned("2001:db8:0:1::1", 0));
}

TEST_F(LoginLimiterTest, MappedAddressIsTheIpv4One) {
  for (int i = 0; i < 3; ++i) Fail("::ffff:192.0.2.1", i);
  EXPECT_TRUE(Banned("192.0.2.1", 2));
  EXPECT_FALSE(Banned("::ffff:192.0.2.2", 2));
}

TEST_F(LoginLimiterTest, ForgetsTheSourceThatFailedLongestAgo) {
  for (int i = 0; i < 3; ++i) Fail("192.0.2.1", 0);
  for (int i = 2; i <= 4; ++i) Fail(absl::StrCat("192.0.2.", i), 1);
  EXPECT_TRUE(Banned("192.0.2.1", 2));
  Fail("192.0.2.5", 2);
  EXPECT_FALSE(Banned("192.0.2.1", 2));
  EXPECT_EQ(limiter_.sources(), kLimits.max_sources);
}

}  // namespace
}  // namespace outdial::ami
