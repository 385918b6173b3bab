#include "engine/node_registry.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

DialingUuid Dialing(int number) {
  return *DialingUuid::Parse(absl::StrCat("0192b7c4-5d2e-7a31-9c5b-00000000000", number));
}

constexpr MonotonicTime kSent = absl::Seconds(100);

class NodeRegistryTest : public ::testing::Test {
 protected:
  std::optional<MonotonicTime> LateSince(MonotonicTime now) const {
    return NodeRegistry::LateSince(*nodes_.Find("a"), now);
  }

  NodeRegistry nodes_{{NodeConfig{.name = "a", .cap = {}}}};
};

TEST_F(NodeRegistryTest, NodeThatTellsNothingOfItsNewestOriginatesIsLate) {
  nodes_.ExpectWord("a", Dialing(1), kSent);
  nodes_.ExpectWord("a", Dialing(2), kSent + absl::Seconds(1));
  EXPECT_FALSE(LateSince(kSent + kSlowNodeDelay - absl::Seconds(1)).has_value());
  EXPECT_EQ(LateSince(kSent + kSlowNodeDelay), kSent);
  nodes_.HeardOf("a", Dialing(1), kSent, kSent + kSlowNodeDelay);
  EXPECT_EQ(LateSince(kSent + kSlowNodeDelay + absl::Seconds(1)), kSent + absl::Seconds(1));
  nodes_.HeardOf("a", Dialing(2), kSent + absl::Seconds(1), kSent + absl::Seconds(7));
  EXPECT_FALSE(LateSince(kSent + absl::Hours(1)).has_value());
}

TEST_F(NodeRegistryTest, OneLostFirstEventDoesNotMakeANodeLate) {
  nodes_.ExpectWord("a", Dialing(1), kSent);
  nodes_.ExpectWord("a", Dialing(2), kSent + absl::Seconds(1));
  nodes_.HeardOf("a", Dialing(2), kSent + absl::Seconds(1), kSent + absl::Seconds(2));
  EXPECT_FALSE(LateSince(kSent + absl::Hours(1)).has_value());
}

TEST_F(NodeRegistryTest, NodeThatDidTheFirstOfSeveralOriginatesOfOneMomentIsLateWithTheRest) {
  nodes_.ExpectWord("a", Dialing(1), kSent);
  nodes_.ExpectWord("a", Dialing(2), kSent);
  nodes_.HeardOf("a", Dialing(1), kSent, kSent + absl::Seconds(1));
  EXPECT_EQ(LateSince(kSent + kSlowNodeDelay), kSent);
}

TEST_F(NodeRegistryTest, NodeThatIsLostSaysWhy) {
  NodeState& node = *nodes_.Find("a");
  node.disconnect_reason = "no answer within 10s";
  const v1::Node shown = NodeRegistry::ToRecord("a", node, kSent);
  EXPECT_EQ(shown.state(), v1::NODE_STATE_DISCONNECTED);
  EXPECT_THAT(shown.problems(), ElementsAre(StartsWith("no answer within 10s")));
}

}  // namespace
}  // namespace outdial::engine
