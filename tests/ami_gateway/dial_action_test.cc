#include "ami_gateway/dial_action.h"

#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

constexpr char kVersion7[] = "01890a5d-ac96-774b-bcce-b302099a8057";
constexpr char kVersion4[] = "03ea6c95-3e17-4c98-803c-9659c00547fe";

TEST(DialActionTest, ActionIdHoldsTheDialing) {
  const engine::DialingUuid dialing = engine::DialingUuid::Parse(kVersion7).value();
  EXPECT_EQ(DialingOfActionId(OriginateActionId(dialing)), dialing);
}

TEST(DialActionTest, OnlyItsOwnFormIsAnActionId) {
  EXPECT_FALSE(DialingOfActionId(kVersion7).has_value());
  EXPECT_FALSE(DialingOfActionId("outdial-dialing-").has_value());
  EXPECT_FALSE(DialingOfActionId("outdial-17").has_value());
  EXPECT_FALSE(DialingOfActionId("").has_value());
}

TEST(DialActionTest, OnlyUuidsOfVersion7AreDialings) {
  EXPECT_TRUE(DialingOfUniqueid(kVersion7).has_value());
  EXPECT_FALSE(DialingOfUniqueid(kVersion4).has_value());
  EXPECT_FALSE(DialingOfUniqueid("1795373601.33").has_value());
  // The second half of a Local channel.
  EXPECT_FALSE(DialingOfUniqueid(std::string(kVersion7) + ";2").has_value());
}

}  // namespace
}  // namespace outdial::ami
