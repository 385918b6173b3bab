#include "engine/hangup_cause.h"

#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

TEST(HangupCauseTest, WordsCausesAsAsteriskDoes) {
  EXPECT_EQ(HangupCauseText(1), "Unallocated (unassigned) number");
  EXPECT_EQ(HangupCauseText(16), "Normal Clearing");
  EXPECT_EQ(HangupCauseText(17), "User busy");
  EXPECT_EQ(HangupCauseText(34), "Circuit/channel congestion");
  EXPECT_EQ(HangupCauseText(127), "Interworking, unspecified");
}

TEST(HangupCauseTest, CallsCausesWithoutATextUnknown) {
  for (const int cause : {-1, 0, 4, 15, 128, 1000}) EXPECT_EQ(HangupCauseText(cause), "Unknown");
}

}  // namespace
}  // namespace outdial::engine
