#include "ami_gateway/ami_action_tracker.h"

#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using Tracker = AmiActionTracker<char>;

constexpr absl::Duration kStart = absl::Seconds(100);
constexpr absl::Duration kTimeout = absl::Seconds(10);

TEST(AmiActionTrackerTest, MatchesResponsesByActionIdInAnyOrder) {
  Tracker tracker(kTimeout);
  tracker.Add("1", 'a', kStart);
  tracker.Add("2", 'b', kStart);
  const auto second = tracker.Match({{"Response", "Error"}, {"ActionID", "2"}}, kStart);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->purpose, 'b');
  EXPECT_TRUE(second->complete);
  EXPECT_FALSE(second->success);
  const auto first = tracker.Match({{"Response", "Success"}, {"ActionID", "1"}}, kStart);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->success);
  EXPECT_EQ(tracker.under_way(), 0u);
}

TEST(AmiActionTrackerTest, LeavesStrangersAlone) {
  Tracker tracker(kTimeout);
  tracker.Add("1", 'a', kStart);
  EXPECT_FALSE(tracker.Match({{"Response", "Error"}}, kStart).has_value());
  EXPECT_FALSE(tracker.Match({{"Response", "Success"}, {"ActionID", "9"}}, kStart).has_value());
  EXPECT_FALSE(tracker.Match({{"Event", "Hangup"}, {"ActionID", "1"}}, kStart).has_value());
  EXPECT_EQ(tracker.under_way(), 1u);
}

TEST(AmiActionTrackerTest, KeepsAListOpenUntilItsEnd) {
  Tracker tracker(kTimeout);
  tracker.Add("1", 'a', kStart);
  EXPECT_FALSE(
      tracker.Match({{"Response", "Success"}, {"ActionID", "1"}, {"EventList", "start"}}, kStart)
          ->complete);
  EXPECT_FALSE(tracker.Match({{"Event", "Item"}, {"ActionID", "1"}}, kStart)->complete);
  EXPECT_TRUE(
      tracker.Match({{"Event", "End"}, {"EventList", "Complete"}, {"ActionID", "1"}}, kStart)
          ->complete);
  EXPECT_FALSE(tracker.Match({{"Event", "Item"}, {"ActionID", "1"}}, kStart).has_value());
}

TEST(AmiActionTrackerTest, KnowsTheFirstDeadline) {
  Tracker tracker(kTimeout);
  EXPECT_EQ(tracker.NextDeadline(), absl::InfiniteDuration());
  tracker.Add("1", 'a', kStart);
  tracker.Add("2", 'b', kStart + absl::Seconds(1));
  EXPECT_FALSE(tracker.Overdue(kStart + absl::Seconds(9)).has_value());
  EXPECT_EQ(tracker.Overdue(kStart + kTimeout), "1");
  tracker.Match({{"Response", "Success"}, {"ActionID", "1"}}, kStart);
  EXPECT_EQ(tracker.NextDeadline(), kStart + absl::Seconds(11));
}

TEST(AmiActionTrackerTest, ItemsOfAListExtendItsDeadline) {
  Tracker tracker(kTimeout);
  tracker.Add("1", 'a', kStart);
  const absl::Duration later = kStart + absl::Seconds(5);
  tracker.Match({{"Response", "Success"}, {"ActionID", "1"}, {"EventList", "start"}}, later);
  EXPECT_EQ(tracker.NextDeadline(), later + kTimeout);
}

}  // namespace
}  // namespace outdial::ami
