#include "engine/campaign_turns.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = Obstacle::Kind;

// The n-th campaign; they sort by n.
CampaignUuid Camp(int n) {
  CampaignUuid uuid;
  uuid.bytes[14] = static_cast<uint8_t>(n / 256);
  uuid.bytes[15] = static_cast<uint8_t>(n % 256);
  return uuid;
}

Wait OnTrunk(const std::string& trunk, std::vector<Wait::Hindrance> hindrances,
             const std::string& detail = "") {
  return {.reason = v1::WAIT_REASON_CALL_CAP,
          .detail = detail,
          .line = {.trunk = trunk},
          .hindrances = std::move(hindrances)};
}
Wait OnTrunk(const std::string& trunk, Obstacle obstacle) {
  return OnTrunk(trunk, std::vector<Wait::Hindrance>{{std::move(obstacle)}});
}

const Obstacle kNodeA{Kind::kNode, "a"};
const Obstacle kNodeB{Kind::kNode, "b"};

class CampaignTurnsTest : public ::testing::Test {
 protected:
  // Everybody's turn who has one, each of whom then waits as `wait` says.
  std::vector<CampaignUuid> LookedAt(const Wait& wait) {
    std::vector<CampaignUuid> all;
    while (const auto next = turns_.Next(now_)) {
      all.push_back(*next);
      turns_.Waits(*next, wait);
    }
    return all;
  }
  void WakeAll(int campaigns) {
    for (int n = 1; n <= campaigns; ++n) turns_.Wake(Camp(n));
  }

  void Served(const CampaignUuid& campaign) { turns_.Served(campaign, now_); }

  CampaignTurns turns_;
  MonotonicTime now_ = absl::Hours(1);
};

TEST_F(CampaignTurnsTest, WhoWasServedLongestAgoIsNext) {
  EXPECT_EQ(turns_.Next(now_), std::nullopt);
  WakeAll(3);
  for (const int expected : {1, 2, 3, 1, 2, 3}) {
    EXPECT_EQ(turns_.Next(now_), Camp(expected));
    Served(Camp(expected));
  }
  turns_.Wake(Camp(4));  // never served
  EXPECT_EQ(turns_.Next(now_), Camp(4));
}

TEST_F(CampaignTurnsTest, OneLooksForItsLine) {
  WakeAll(3);
  EXPECT_THAT(LookedAt(OnTrunk("gw", kNodeA)), ElementsAre(Camp(1), Camp(2), Camp(3)));
  turns_.Open(Kind::kNode, "b");
  EXPECT_EQ(turns_.Next(now_), std::nullopt);
  turns_.Open(Kind::kNode, "a");
  EXPECT_THAT(LookedAt(OnTrunk("gw", kNodeA)), ElementsAre(Camp(1)));
  // One that was woken looks for itself, and then stands in the line again.
  turns_.Wake(Camp(3));
  EXPECT_THAT(LookedAt(OnTrunk("gw", kNodeA)), ElementsAre(Camp(3)));
}

TEST_F(CampaignTurnsTest, ALineDialsForAsLongAsNothingHoldsItBack) {
  WakeAll(3);
  LookedAt(OnTrunk("gw", kNodeA));
  turns_.Open(Kind::kNode, "a");
  for (const int expected : {1, 2, 3, 1}) {
    EXPECT_EQ(turns_.Next(now_), Camp(expected));
    Served(Camp(expected));
  }
  EXPECT_THAT(LookedAt(OnTrunk("gw", kNodeA)), ElementsAre(Camp(2)));
}

TEST_F(CampaignTurnsTest, WhatIsFreeGoesFromLineToLine) {
  WakeAll(3);
  for (int n = 1; n <= 3; ++n) turns_.Waits(Camp(n), OnTrunk(std::to_string(n), kNodeA));
  turns_.Open(Kind::kNode, "a");
  EXPECT_EQ(turns_.Next(now_), Camp(1));
  turns_.Waits(Camp(1), OnTrunk("1", kNodeB));  // something else
  EXPECT_EQ(turns_.Next(now_), Camp(2));
  Served(Camp(2));
  EXPECT_EQ(turns_.Next(now_), Camp(3));
  turns_.Waits(Camp(3), OnTrunk("3", kNodeA));
  EXPECT_EQ(turns_.Next(now_), Camp(2));  // which dialled, and may go on
  turns_.Waits(Camp(2), OnTrunk("2", kNodeA));
  EXPECT_EQ(turns_.Next(now_), std::nullopt);
  // Who was served longest ago is first.
  turns_.Open(Kind::kNode, "a");
  EXPECT_EQ(turns_.Next(now_), Camp(3));
  turns_.Waits(Camp(3), OnTrunk("3", kNodeA));
  EXPECT_EQ(turns_.Next(now_), std::nullopt);
}

TEST_F(CampaignTurnsTest, AnyOfItsObstaclesWakesALine) {
  WakeAll(1);
  const Wait both = OnTrunk("gw", {{kNodeA}, {kNodeB}});
  LookedAt(both);
  turns_.Open(Kind::kNode, "b");
  EXPECT_THAT(LookedAt(both), ElementsAre(Camp(1)));
  turns_.Open(Kind::kNode, "a");
  EXPECT_THAT(LookedAt(both), ElementsAre(Camp(1)));
}

TEST_F(CampaignTurnsTest, AnObstacleOpensForAllItsVariants) {
  WakeAll(2);
  turns_.Waits(Camp(1), {.line = {.plan = {}, .campaign = Camp(1)},
                         .hindrances = {{{Kind::kEntries, "7", "one plan"}}}});
  turns_.Waits(Camp(2), {.line = {.plan = {}, .campaign = Camp(2)},
                         .hindrances = {{{Kind::kEntries, "7", "another"}}}});
  turns_.Open(Kind::kEntries, "7");
  EXPECT_THAT(LookedAt(OnTrunk("gw", kNodeA)), ElementsAre(Camp(1), Camp(2)));
}

TEST_F(CampaignTurnsTest, WhatMayHoldSomeBackAndNotOthersWakesAll) {
  WakeAll(3);
  const Obstacle parking{Kind::kParking, "lot"};
  for (int n = 1; n <= 3; ++n) turns_.Waits(Camp(n), OnTrunk(std::to_string(n), parking));
  turns_.Open(Kind::kParking, "lot");
  for (int n = 1; n <= 3; ++n) {
    EXPECT_EQ(turns_.Next(now_), Camp(n));
    turns_.Waits(Camp(n), OnTrunk(std::to_string(n), parking));
  }
}

TEST_F(CampaignTurnsTest, AnObstacleOpensWhenItsTimeHasCome) {
  WakeAll(2);
  EXPECT_EQ(turns_.NextOpening(), absl::InfiniteDuration());
  LookedAt(OnTrunk("gw", {{kNodeA, absl::Seconds(5)}}));
  EXPECT_EQ(turns_.NextOpening(), absl::Seconds(5));
  turns_.Advance(absl::Seconds(4));
  EXPECT_EQ(turns_.Next(now_), std::nullopt);
  turns_.Advance(absl::Seconds(5));
  EXPECT_THAT(LookedAt(OnTrunk("gw", {{kNodeA, absl::Seconds(9)}})), ElementsAre(Camp(1)));
  EXPECT_EQ(turns_.NextOpening(), absl::Seconds(9));
  turns_.Open(Kind::kNode, "a");
  LookedAt(OnTrunk("gw", kNodeA));
  EXPECT_EQ(turns_.NextOpening(), absl::InfiniteDuration());
}

TEST_F(CampaignTurnsTest, WhoLeavesALineTakesNothingFromTheRest) {
  WakeAll(4);
  turns_.Waits(Camp(1), OnTrunk("x", kNodeA));
  for (int n = 2; n <= 4; ++n) turns_.Waits(Camp(n), OnTrunk("y", kNodeA));
  turns_.Open(Kind::kNode, "a");
  // Line y has not had its turn yet when its first one goes.
  turns_.Wake(Camp(2));
  turns_.Remove(Camp(3));
  EXPECT_EQ(turns_.Next(now_), Camp(1));
  Served(Camp(1));
  turns_.Waits(Camp(1), OnTrunk("x", kNodeB));
  turns_.Waits(Camp(2), OnTrunk("z", kNodeB));
  EXPECT_EQ(turns_.Next(now_), Camp(4));
  turns_.Remove(Camp(4));
  turns_.Remove(Camp(4));
  EXPECT_EQ(turns_.Next(now_), std::nullopt);
}

TEST_F(CampaignTurnsTest, TellsThoseWhomAnotherOneLookedFor) {
  WakeAll(3);
  for (int n = 1; n <= 3; ++n) turns_.Waits(Camp(n), OnTrunk("gw", {{kNodeA}}, "full"));
  std::vector<std::pair<CampaignUuid, std::string>> told;
  const auto tell = [&told](const CampaignUuid& campaign, const Wait& wait) {
    told.emplace_back(campaign, wait.detail);
  };
  turns_.TellWaits(tell);
  told.clear();
  EXPECT_FALSE(turns_.has_untold());
  turns_.Open(Kind::kNode, "a");
  turns_.Waits(Camp(1), OnTrunk("gw", {{kNodeA}}, "late"));
  EXPECT_TRUE(turns_.has_untold());
  turns_.TellWaits(tell);
  EXPECT_THAT(told, ElementsAre(std::pair(Camp(1), "late"), std::pair(Camp(2), "late"),
                                std::pair(Camp(3), "late")));
  told.clear();
  turns_.TellWaits(tell);
  EXPECT_THAT(told, IsEmpty());
  // Nor does a line that is awake tell what was so before.
  turns_.Open(Kind::kNode, "a");
  turns_.Waits(Camp(1), OnTrunk("gw", {{kNodeA}}, "full"));
  turns_.Open(Kind::kNode, "a");
  turns_.TellWaits(tell);
  EXPECT_THAT(told, IsEmpty());
  EXPECT_TRUE(turns_.has_untold());
}

TEST_F(CampaignTurnsTest, TurnsAreSeveralCallsWhereTheyComeFast) {
  WakeAll(2);
  const auto serve_next = [this] {
    const CampaignUuid next = *turns_.Next(now_);
    turns_.Served(next, now_);
    return next;
  };
  // A second with many calls.
  for (int call = 0; call <= CampaignTurns::kFastCalls; ++call) {
    EXPECT_EQ(serve_next(), Camp(1 + call % 2));
  }
  now_ += absl::Seconds(1);
  for (const int expected : {2, 1, 2}) {
    for (int call = 0; call < CampaignTurns::kFastTurn; ++call) {
      EXPECT_EQ(serve_next(), Camp(expected)) << call;
    }
  }
  // One that was held up goes on while its turn lasts.
  EXPECT_EQ(serve_next(), Camp(1));
  turns_.Waits(Camp(1), OnTrunk("gw", kNodeA));
  now_ += CampaignTurns::kLongestTurn;
  turns_.Open(Kind::kNode, "a");
  EXPECT_EQ(serve_next(), Camp(1));
  turns_.Waits(Camp(1), OnTrunk("gw", kNodeA));
  now_ += absl::Milliseconds(1);
  turns_.Open(Kind::kNode, "a");
  EXPECT_EQ(serve_next(), Camp(2));
  // Slow again.
  now_ += absl::Seconds(1);
  for (const int expected : {1, 2, 1}) EXPECT_EQ(serve_next(), Camp(expected));
}

// Against a model: campaigns take one of each thing that they need, and things are given back.
class CampaignTurnsModel {
 public:
  static constexpr int kThings = 5;
  static constexpr int kCampaigns = 40;

  explicit CampaignTurnsModel(uint64_t seed) : random_(seed) {
    for (int n = 0; n < kCampaigns; ++n) {
      needs_.push_back(1 + static_cast<uint32_t>(random_.Below((1u << kThings) - 1)));
      entries_.push_back(random_.Below(2) == 0 ? 1000000 : static_cast<int>(random_.Below(20)));
    }
  }

  void Run() {
    for (int n = 0; n < kCampaigns; ++n) turns_.Wake(Camp(n));
    for (int step = 0; step < 2000; ++step) {
      now_ += absl::Milliseconds(static_cast<int64_t>(random_.Below(30)));
      ChangeSomething();
      Dial();
      for (int n = 0; n < kCampaigns; ++n) {
        ASSERT_FALSE(entries_[n] > 0 && !Missing(n).has_value())
            << "campaign " << n << " could dial and is not looked at, step " << step;
      }
    }
    EXPECT_GT(served_, 300);
    EXPECT_LT(looks_, 6 * (served_ + gifts_));
  }

 private:
  void ChangeSomething() {
    const int thing = static_cast<int>(random_.Below(kThings));
    if (random_.Below(10) == 0) {
      const int campaign = static_cast<int>(random_.Below(kCampaigns));
      entries_[campaign] += 3;
      turns_.Wake(Camp(campaign));
      return;
    }
    free_[thing] += 1 + static_cast<int>(random_.Below(3));
    ++gifts_;
    turns_.Open(Kind::kNode, std::to_string(thing));
  }

  void Dial() {
    while (const auto next = turns_.Next(now_)) {
      ++looks_;
      const int n = next->bytes[15];
      if (entries_[n] == 0) {
        turns_.Waits(*next, {.line = {.campaign = *next}});
      } else if (const auto missing = Missing(n)) {
        turns_.Waits(*next, {.line = {.trunk = std::to_string(needs_[n])},
                             .hindrances = {{{Kind::kNode, std::to_string(*missing)}}}});
      } else {
        for (int thing = 0; thing < kThings; ++thing) free_[thing] -= (needs_[n] >> thing) & 1;
        --entries_[n];
        ++served_;
        turns_.Served(*next, now_);
      }
    }
  }

  std::optional<int> Missing(int campaign) const {
    for (int thing = 0; thing < kThings; ++thing) {
      if (((needs_[campaign] >> thing) & 1) != 0 && free_[thing] == 0) return thing;
    }
    return std::nullopt;
  }

  Random random_;
  CampaignTurns turns_;
  MonotonicTime now_ = absl::ZeroDuration();
  std::vector<uint32_t> needs_;  // by campaign, a bit for each thing
  std::vector<int> entries_;
  std::array<int, kThings> free_{};
  int served_ = 0;
  int gifts_ = 0;
  int looks_ = 0;
};

TEST(CampaignTurnsRandomTest, NobodyWhoCouldDialIsLeftOut) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    CampaignTurnsModel(seed).Run();
  }
}

}  // namespace
}  // namespace outdial::engine
