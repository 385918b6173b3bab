#include "ami_gateway/sim_filter.h"

#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

const AmiMessage kHangup{{"Event", "Hangup"}, {"Cause", "16"}};
const AmiMessage kHangupRequest{{"Event", "HangupRequest"}};
const AmiMessage kVarSet{{"Event", "VarSet"}, {"Variable", "CAMPAIGN"}};

TEST(SimFilterTest, WithoutFilterAllPasses) {
  const SimFilterSet filters;
  EXPECT_TRUE(filters.Passes(kHangup));
}

TEST(SimFilterTest, ExpressionLooksAtTheWholeEvent) {
  SimFilterSet filters;
  ASSERT_TRUE(filters.Add("", "Event: Hangup").ok());
  EXPECT_TRUE(filters.Passes(kHangup));
  EXPECT_TRUE(filters.Passes(kHangupRequest));  // begins alike
  EXPECT_FALSE(filters.Passes(kVarSet));
}

TEST(SimFilterTest, NameIsExact) {
  SimFilterSet filters;
  ASSERT_TRUE(filters.Add("name(Hangup)", "").ok());
  EXPECT_TRUE(filters.Passes(kHangup));
  EXPECT_FALSE(filters.Passes(kHangupRequest));
}

TEST(SimFilterTest, HeaderIsComparedByTheMethod) {
  SimFilterSet filters;
  ASSERT_TRUE(filters.Add("name(VarSet),header(Variable),method(exact)", "CAMPAIGN").ok());
  EXPECT_TRUE(filters.Passes(kVarSet));
  EXPECT_FALSE(filters.Passes({{"Event", "VarSet"}, {"Variable", "CAMPAIGN2"}}));
}

TEST(SimFilterTest, ExcludingOneKeepsAllOthers) {
  SimFilterSet filters;
  ASSERT_TRUE(filters.Add("", "!Event: VarSet").ok());
  EXPECT_FALSE(filters.Passes(kVarSet));
  EXPECT_TRUE(filters.Passes(kHangup));
}

TEST(SimFilterTest, MalformedOnesAreRefused) {
  SimFilterSet filters;
  EXPECT_FALSE(filters.Add("", "Event: (((").ok());
  EXPECT_FALSE(filters.Add("bogus(1)", "x").ok());
  EXPECT_FALSE(filters.Add("name(Hangup", "").ok());
}

}  // namespace
}  // namespace outdial::ami
