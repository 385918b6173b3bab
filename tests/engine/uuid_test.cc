#include "engine/uuid.h"

#include <set>
#include <string>
#include <vector>

#include "engine/uuid_generator.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

const absl::Time kWall = absl::FromUnixMillis(0x018C'0000'1234);

TEST(UuidTest, ParsesEitherCaseAndPrintsLowerCase) {
  const auto uuid = Uuid::Parse("0018E3C1-7b2a-7ABC-8def-0123456789AB");
  ASSERT_TRUE(uuid.has_value());
  EXPECT_EQ(uuid->ToString(), "0018e3c1-7b2a-7abc-8def-0123456789ab");
}

TEST(UuidTest, RefusesEveryOtherForm) {
  for (const char* text :
       {"", "0018e3c17b2a7abc8def0123456789ab", "{0018e3c1-7b2a-7abc-8def-0123456789ab}",
        "0018e3c1-7b2a-7abc-8def-0123456789a", "0018e3c1-7b2a-7abc-8def-0123456789abc",
        "0018e3c1-7b2a-7abc-8def-0123456789ag", "0018e3c1_7b2a_7abc_8def_0123456789ab",
        "0018e3c17-b2a-7abc-8def-0123456789ab", " 018e3c1-7b2a-7abc-8def-0123456789ab"}) {
    EXPECT_FALSE(Uuid::Parse(text).has_value()) << text;
  }
}

TEST(UuidTest, OrdersAsItsTextDoes) {
  const auto low = Uuid::Parse("0018e3c1-7b2a-7abc-8def-0123456789ab");
  const auto high = Uuid::Parse("00f8e3c1-7b2a-7abc-8def-0123456789ab");
  EXPECT_LT(*low, *high);
  EXPECT_TRUE(Uuid{}.is_nil());
  EXPECT_FALSE(low->is_nil());
}

TEST(UuidGeneratorTest, MakesVersion7WithTimeAndListNumber) {
  UuidGenerator generator(1);
  const Uuid uuid = generator.Next(kWall, 0xDEADBEEF);
  const std::string text = uuid.ToString();
  EXPECT_EQ(text.substr(0, 13), "018c0000-1234");
  EXPECT_EQ(text[14], '7');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
  EXPECT_EQ(uuid.list_number(), 0xDEADBEEF);
  EXPECT_EQ(Uuid::Parse(text), uuid);
}

TEST(UuidGeneratorTest, GrowsThoughTheClockStandsStillOrGoesBack) {
  UuidGenerator generator(7);
  Uuid last;
  absl::Time wall = kWall;
  for (int i = 0; i < 20000; ++i) {
    if (i == 10000) wall -= absl::Hours(1);
    const Uuid uuid = generator.Next(wall, 3);
    ASSERT_LT(last, uuid);
    last = uuid;
  }
}

TEST(UuidGeneratorTest, ReturnsToTheClockOnceItIsAhead) {
  UuidGenerator generator(7);
  for (int i = 0; i < 20000; ++i) generator.Next(kWall, 0);
  const Uuid uuid = generator.Next(kWall + absl::Seconds(1), 0);
  EXPECT_EQ(uuid.ToString().substr(0, 13), "018c0000-161c");
}

TEST(UuidGeneratorTest, TakesTimesBeforeTheEpochAndWithoutEnd) {
  UuidGenerator generator(7);
  EXPECT_EQ(generator.Next(absl::InfinitePast(), 0).ToString().substr(0, 13), "00000000-0000");
  EXPECT_EQ(generator.Next(absl::InfiniteFuture(), 0).ToString().substr(0, 13), "ffffffff-ffff");
}

TEST(UuidGeneratorTest, RepeatsWithTheSameSeedAndDiffersWithAnother) {
  UuidGenerator one(5);
  UuidGenerator same(5);
  UuidGenerator other(6);
  std::set<Uuid> of_one;
  for (int i = 0; i < 1000; ++i) {
    const Uuid uuid = one.Next(kWall, 1);
    EXPECT_EQ(uuid, same.Next(kWall, 1));
    of_one.insert(uuid);
  }
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(of_one.contains(other.Next(kWall, 1)));
}

// A changed layout or generator would change what a replay gives.
TEST(UuidGeneratorTest, KeepsItsExactForm) {
  UuidGenerator generator(42);
  EXPECT_EQ(generator.Next(kWall, 1).ToString(), "018c0000-1234-7716-be00-0000013a116d");
}

}  // namespace
}  // namespace outdial::engine
