#include "ami_gateway/sim_population.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

TEST(SimPopulationTest, FateDependsOnSeedNumberAndCountAlone) {
  const SimPopulation one({.seed = 7});
  const SimPopulation same({.seed = 7});
  const SimPopulation other({.seed = 8});
  int differs_by_seed = 0;
  int differs_by_count = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string number = absl::StrCat("+49", i);
    const CallFate fate = one.FateOfCall(SimEndpointKind::kPeople, number, 0);
    // Asked in another order, and in between for others.
    same.FateOfCall(SimEndpointKind::kPeople, "x", 5);
    const CallFate again = same.FateOfCall(SimEndpointKind::kPeople, number, 0);
    EXPECT_EQ(fate.kind, again.kind);
    EXPECT_EQ(fate.decides_after, again.decides_after);
    EXPECT_EQ(fate.talks_for, again.talks_for);
    differs_by_seed += other.FateOfCall(SimEndpointKind::kPeople, number, 0).kind != fate.kind;
    differs_by_count += one.FateOfCall(SimEndpointKind::kPeople, number, 1).kind != fate.kind;
  }
  EXPECT_GT(differs_by_seed, 10);
  EXPECT_GT(differs_by_count, 10);
}

TEST(SimPopulationTest, OutcomesFollowTheShares) {
  SimPopulationOptions options;
  options.shares = {.answer = 5,
                    .machine = 1,
                    .no_answer = 2,
                    .busy = 2,
                    .reject = 0,
                    .invalid = 0,
                    .congestion = 0};
  const SimPopulation population(options);
  std::map<int, int> codes;
  int machines = 0;
  int ring_forever = 0;
  for (int i = 0; i < 10000; ++i) {
    const CallFate fate = population.FateOfCall(SimEndpointKind::kPeople, absl::StrCat(i), 0);
    machines += fate.listener == CallFate::Listener::kMachine;
    ring_forever += fate.kind == CallFate::Kind::kRingsForever;
    if (fate.kind == CallFate::Kind::kRefuses) ++codes[fate.sip_code];
  }
  EXPECT_NEAR(codes[486], 2000, 150);
  EXPECT_EQ(codes.size(), 1u);
  EXPECT_NEAR(machines, 1000, 120);
  EXPECT_NEAR(ring_forever, 2000, 150);
}

TEST(SimPopulationTest, PrefixSelectsTheBehaviour) {
  const SimPopulation population({.prefix_decides = true});
  const auto fate = [&](absl::string_view number) {
    return population.FateOfCall(SimEndpointKind::kPeople, number, 0);
  };
  EXPECT_EQ(fate("4865550001").sip_code, 486);
  EXPECT_EQ(fate("180").kind, CallFate::Kind::kRingsForever);
  EXPECT_EQ(fate("9990").kind, CallFate::Kind::kSilent);
  EXPECT_LT(fate("1005550001").stays_for, absl::InfiniteDuration());
  EXPECT_EQ(fate("2005550001").stays_for, absl::InfiniteDuration());
  EXPECT_TRUE(fate("183").early_media);
  EXPECT_FALSE(population.FateOfAgent("Local/921@agents", 0).answers);
}

TEST(SimPopulationTest, RefusesSharesThatAreNone) {
  SimPopulationOptions options;
  options.shares.busy = -1;
  EXPECT_FALSE(options.Check().ok());
  options.shares = {.answer = 0,
                    .machine = 0,
                    .no_answer = 0,
                    .busy = 0,
                    .reject = 0,
                    .invalid = 0,
                    .congestion = 0};
  EXPECT_FALSE(options.Check().ok());
  EXPECT_TRUE(SimPopulationOptions{}.Check().ok());
}

}  // namespace
}  // namespace outdial::ami
