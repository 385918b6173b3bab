#include "server/file_limit.h"

#include <sys/resource.h>

#include "gtest/gtest.h"

namespace outdial::server {
namespace {

rlimit Limit() {
  rlimit limit{};
  EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  return limit;
}

TEST(FileLimitTest, SoftLimitBecomesTheHardOne) {
  rlimit low = Limit();
  low.rlim_cur = low.rlim_max / 2;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  RaiseFileLimit();
  EXPECT_EQ(Limit().rlim_cur, low.rlim_max);
}

}  // namespace
}  // namespace outdial::server
