#include "engine/abandon_guard.h"

#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

AbandonGuard Guard(int handled, int abandoned, int32_t day = 100) {
  AbandonGuard guard;
  for (int i = 0; i < handled; ++i) guard.Count(day, v1::OUTCOME_HANDLED);
  for (int i = 0; i < abandoned; ++i) guard.Count(day, v1::OUTCOME_ABANDONED);
  return guard;
}

TEST(AbandonGuardTest, HoldsAboveTheTarget) {
  EXPECT_TRUE(Guard(96, 4).Holds(100, 3));
  EXPECT_FALSE(Guard(97, 3).Holds(100, 3));
  EXPECT_DOUBLE_EQ(Guard(96, 4).AbandonedPercent(100), 4);
}

TEST(AbandonGuardTest, WaitsForTwentyAnswers) {
  EXPECT_FALSE(Guard(0, 19).Holds(100, 3));
  EXPECT_TRUE(Guard(19, 1).Holds(100, 3));
}

TEST(AbandonGuardTest, LetsGoWhenTheShareFell) {
  AbandonGuard guard = Guard(19, 1);
  for (int i = 0; i < 14; ++i) guard.Count(100, v1::OUTCOME_HANDLED);
  EXPECT_FALSE(guard.Holds(100, 3));
}

TEST(AbandonGuardTest, FailedDestinationsDropPeopleToo) {
  AbandonGuard guard = Guard(19, 0);
  guard.Count(100, v1::OUTCOME_DESTINATION_FAILED);
  EXPECT_TRUE(guard.Holds(100, 3));
}

TEST(AbandonGuardTest, LooksAtAnswersOnly) {
  AbandonGuard guard = Guard(10, 5);
  for (int i = 0; i < 100; ++i) {
    guard.Count(100, v1::OUTCOME_NO_ANSWER);
    guard.Count(100, v1::OUTCOME_BUSY);
  }
  EXPECT_FALSE(guard.Holds(100, 3));
}

TEST(AbandonGuardTest, BeginsEachDayAnew) {
  AbandonGuard guard = Guard(0, 50);
  EXPECT_FALSE(guard.Holds(101, 3));
  EXPECT_EQ(guard.AbandonedPercent(101), 0);
  guard.Count(101, v1::OUTCOME_HANDLED);
  EXPECT_FALSE(guard.Holds(101, 3));
  EXPECT_FALSE(guard.Holds(100, 3));
}

TEST(AbandonGuardTest, GoesOnFromAStoredTally) {
  DayTally tally;
  tally.day = 7;
  tally.by_outcome[v1::OUTCOME_HANDLED] = 18;
  tally.by_outcome[v1::OUTCOME_ABANDONED] = 1;
  AbandonGuard guard(tally);
  EXPECT_FALSE(guard.Holds(7, 3));
  guard.Count(7, v1::OUTCOME_HANDLED);
  EXPECT_TRUE(guard.Holds(7, 3));
}

}  // namespace
}  // namespace outdial::engine
