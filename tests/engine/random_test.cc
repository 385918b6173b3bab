#include "engine/random.h"

#include <array>

#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

TEST(RandomTest, RepeatsWithTheSameSeed) {
  Random one(9);
  Random same(9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(one.Next(), same.Next());
}

// The published algorithm: splitmix64 of seed 0 begins with these words, and xoshiro256** makes
// its first number of the second one.
TEST(RandomTest, FollowsThePublishedAlgorithm) {
  const uint64_t second = 0x6E789E6AA1B965F4;
  const uint64_t product = second * 5;
  const uint64_t expected = (product << 7 | product >> 57) * 9;
  EXPECT_EQ(Random(0).Next(), expected);
}

TEST(RandomTest, SpreadsEvenlyBelowTheBound) {
  Random random(3);
  std::array<int, 6> seen{};
  for (int i = 0; i < 60000; ++i) ++seen.at(random.Below(seen.size()));
  for (const int count : seen) EXPECT_NEAR(count, 10000, 500);
}

TEST(RandomTest, KnowsOneNumberBelowOne) {
  Random random(3);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(random.Below(1), 0U);
}

}  // namespace
}  // namespace outdial::engine
