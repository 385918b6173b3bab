#include "engine/agent_tracker.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const DialingUuid kDialing = *DialingUuid::Parse("0192b7c4-5d2e-7a31-9c5b-2f6d1e8a4b07");
const absl::Time kWall = absl::FromUnixSeconds(1795373600);

QueueMemberSeen Member(const std::string& interface, int device_state = 1,
                       const std::string& queue = "sales") {
  QueueMemberSeen seen;
  seen.queue = queue;
  seen.interface = interface;
  seen.name = "Agent";
  seen.device_state = device_state;
  return seen;
}

class AgentTrackerTest : public ::testing::Test {
 protected:
  // `now_s`: seconds since the test began, of both clocks.
  void Apply(const NodeFact& fact, double now_s = 0, const std::string& node = "n1") {
    tracker_.Apply({node, fact}, {.mono = At(now_s), .wall = kWall + absl::Seconds(now_s)});
  }
  static MonotonicTime At(double now_s) { return absl::Seconds(1000 + now_s); }
  int Free(double now_s = 0, const std::string& queue = "sales", const std::string& node = "n1") {
    tracker_.Advance(At(now_s));
    return tracker_.FreeAgents(node, queue);
  }

  AgentTracker tracker_;
};

TEST_F(AgentTrackerTest, CountsMembersThatCouldTakeACall) {
  Apply(QueueSeen{"sales"});
  EXPECT_EQ(Free(), 0);
  Apply(Member("PJSIP/a"));
  Apply(Member("PJSIP/b"));
  EXPECT_EQ(Free(), 2);
  EXPECT_EQ(Free(0, "other"), 0);
  EXPECT_EQ(Free(0, "sales", "n2"), 0);
}

TEST_F(AgentTrackerTest, LeavesOutWhoseDeviceCantTakeACall) {
  for (const int state : {2, 3, 4, 5, 6, 7, 8}) {
    Apply(Member("PJSIP/a", state));
    EXPECT_EQ(Free(), 0) << state;
  }
  // Unknown: Asterisk itself calls such members.
  for (const int state : {0, 1}) {
    Apply(Member("PJSIP/a", state));
    EXPECT_EQ(Free(), 1) << state;
  }
}

TEST_F(AgentTrackerTest, LeavesOutThePausedOnlyWhereTheyPaused) {
  Apply(Member("PJSIP/a", 1, "support"));
  QueueMemberSeen paused = Member("PJSIP/a");
  paused.paused = true;
  Apply(paused);
  EXPECT_EQ(Free(), 0);
  EXPECT_EQ(Free(0, "support"), 1);
}

TEST_F(AgentTrackerTest, AgentOfTwoQueuesIsBusyInBoth) {
  Apply(Member("PJSIP/a"));
  Apply(Member("PJSIP/a", 1, "support"));
  EXPECT_EQ(tracker_.FreeAgents("sales"), 1);
  Apply(AgentConnected{kDialing, "sales", "PJSIP/a"});
  EXPECT_EQ(Free(), 0);
  EXPECT_EQ(Free(0, "support"), 0);
}

TEST_F(AgentTrackerTest, AgentOfTwoNodesIsOneAgent) {
  Apply(Member("PJSIP/a"));
  Apply(Member("PJSIP/a"), 0, "n2");
  EXPECT_EQ(tracker_.FreeAgents("sales"), 1);
  Apply(Member("PJSIP/a", 2), 0, "n2");
  EXPECT_EQ(tracker_.FreeAgents("sales"), 0);
  // Not registered there is no reason not to be free here.
  Apply(Member("PJSIP/a", 5), 0, "n2");
  EXPECT_EQ(Free(), 1);
  EXPECT_EQ(Free(0, "sales", "n2"), 0);
}

// The order that Asterisk 22 gives: transcript 27_app_queue_agent.
TEST_F(AgentTrackerTest, FollowsACallThroughItsQueue) {
  Apply(Member("Local/911@agents"));
  Apply(QueueJoined{kDialing, "sales"});
  Apply(Member("Local/911@agents", 2));
  EXPECT_EQ(Free(), 0);
  Apply(QueueLeft{kDialing, "sales"});
  Apply(AgentConnected{kDialing, "sales", "Local/911@agents"});
  Apply(AgentCompleted{"sales", "Local/911@agents"});
  EXPECT_EQ(Free(), 0);
  Apply(Member("Local/911@agents", 1));
  EXPECT_EQ(Free(), 1);
}

TEST_F(AgentTrackerTest, DeviceThatIsIdleEndsACallWhoseEndWasMissed) {
  Apply(Member("PJSIP/a"));
  Apply(AgentConnected{kDialing, "sales", "PJSIP/a"});
  QueueMemberSeen talking = Member("PJSIP/a");
  talking.in_call = true;
  Apply(talking);
  EXPECT_EQ(Free(), 0);
  Apply(Member("PJSIP/a"));
  EXPECT_EQ(Free(), 1);
}

TEST_F(AgentTrackerTest, WrapupRunsFromTheEndOfTheCall) {
  QueueMemberSeen member = Member("PJSIP/a");
  member.wrapup = absl::Seconds(10);
  Apply(member);
  Apply(AgentCompleted{"sales", "PJSIP/a"}, 5);
  EXPECT_EQ(Free(14.9), 0);
  EXPECT_EQ(tracker_.NextWrapupEnd(), At(15));
  EXPECT_EQ(Free(15), 1);
  EXPECT_EQ(tracker_.NextWrapupEnd(), absl::InfiniteDuration());
}

TEST_F(AgentTrackerTest, WrapupOfACallThatEndedBeforeTheConnection) {
  QueueMemberSeen member = Member("PJSIP/a");
  member.wrapup = absl::Seconds(10);
  member.last_call = kWall - absl::Seconds(4);
  Apply(member);
  EXPECT_EQ(Free(5.9), 0);
  EXPECT_EQ(Free(6), 1);
}

TEST_F(AgentTrackerTest, ClockOfTheNodeCantProlongAWrapup) {
  QueueMemberSeen member = Member("PJSIP/a");
  member.wrapup = absl::Seconds(10);
  member.last_call = kWall + absl::Hours(1);
  Apply(member);
  EXPECT_EQ(Free(9.9), 0);
  // Told again, for another reason: still the same call.
  Apply(member, 8);
  EXPECT_EQ(Free(10), 1);
}

TEST_F(AgentTrackerTest, WrapupInOneQueueHoldsInTheOther) {
  QueueMemberSeen member = Member("PJSIP/a");
  member.wrapup = absl::Seconds(10);
  Apply(member);
  Apply(Member("PJSIP/a", 1, "support"));
  Apply(AgentCompleted{"sales", "PJSIP/a"});
  EXPECT_EQ(Free(5, "support"), 0);
  EXPECT_EQ(Free(10, "support"), 1);
}

TEST_F(AgentTrackerTest, ForgetsMembersThatLeft) {
  Apply(Member("PJSIP/a"));
  Apply(QueueMemberGone{"sales", "PJSIP/a"});
  Apply(QueueMemberGone{"sales", "PJSIP/never"});
  EXPECT_EQ(Free(), 0);
  EXPECT_TRUE(tracker_.HasQueue("n1", "sales"));
}

TEST_F(AgentTrackerTest, KnowsNothingOfALostNode) {
  Apply(Member("PJSIP/a"));
  Apply(Member("PJSIP/b"), 0, "n2");
  Apply(QueueCallerSeen{"sales", "1795373601.33"});
  Apply(NodeDisconnected{"cut", false});
  EXPECT_FALSE(tracker_.HasQueue("n1", "sales"));
  EXPECT_EQ(Free(), 0);
  EXPECT_EQ(tracker_.OtherCallersWaiting("n1", "sales"), 0);
  EXPECT_EQ(Free(0, "sales", "n2"), 1);
}

TEST_F(AgentTrackerTest, BeginsAnewWithEachConnection) {
  Apply(Member("PJSIP/a"));
  Apply(NodeConnected{});
  EXPECT_EQ(Free(), 0);
  Apply(Member("PJSIP/a"));
  EXPECT_EQ(Free(), 1);
}

TEST_F(AgentTrackerTest, CountsCallersThatAreNoDialings) {
  Apply(QueueCallerSeen{"sales", "1795373601.33"});
  Apply(QueueCallerSeen{"sales", "1795373601.33"});
  Apply(QueueCallerSeen{"sales", "1795373601.34"});
  Apply(QueueJoined{kDialing, "sales"});
  EXPECT_EQ(tracker_.OtherCallersWaiting("n1", "sales"), 2);
  Apply(QueueCallerGone{"sales", "1795373601.33"});
  EXPECT_EQ(tracker_.OtherCallersWaiting("n1", "sales"), 1);
}

TEST_F(AgentTrackerTest, IgnoresACallOfAnUnknownMember) {
  Apply(AgentConnected{kDialing, "sales", "PJSIP/never"});
  Apply(AgentCompleted{"sales", "PJSIP/never"});
  EXPECT_EQ(tracker_.NextWrapupEnd(), absl::InfiniteDuration());
}

TEST_F(AgentTrackerTest, TellsWhenSomebodyOrAQueueBecameFree) {
  Apply(QueueSeen{"sales"});
  EXPECT_THAT(tracker_.TakeFreedQueues(), ElementsAre("sales"));
  EXPECT_THAT(tracker_.TakeFreedQueues(), IsEmpty());
  QueueMemberSeen member = Member("PJSIP/a");
  member.wrapup = absl::Seconds(10);
  Apply(member);
  EXPECT_THAT(tracker_.TakeFreedQueues(), ElementsAre("sales"));
  Apply(AgentConnected{kDialing, "sales", "PJSIP/a"});
  Apply(AgentCompleted{"sales", "PJSIP/a"});
  Apply(member, 1);
  EXPECT_THAT(tracker_.TakeFreedQueues(), IsEmpty());
  tracker_.Advance(At(10));
  EXPECT_THAT(tracker_.TakeFreedQueues(), ElementsAre("sales"));
  Apply(QueueCallerSeen{"sales", "1795373601.33"}, 11);
  EXPECT_THAT(tracker_.TakeFreedQueues(), IsEmpty());
  Apply(QueueCallerGone{"sales", "1795373601.33"}, 12);
  EXPECT_THAT(tracker_.TakeFreedQueues(), ElementsAre("sales"));
}

TEST_F(AgentTrackerTest, TellsOfAQueueWhateverShowsItFirst) {
  Apply(QueueCallerSeen{"made", "caller-1"});
  EXPECT_THAT(tracker_.TakeFreedQueues(), ElementsAre("made"));
  Apply(QueueCallerSeen{"made", "caller-2"});
  EXPECT_THAT(tracker_.TakeFreedQueues(), IsEmpty());
  Apply(QueueJoined{kDialing, "another"});
  EXPECT_THAT(tracker_.TakeFreedQueues(), ElementsAre("another"));
}

TEST_F(AgentTrackerTest, WhoTalksInAQueueThatIsGoneIsFreeInTheOther) {
  Apply(Member("PJSIP/a"));
  Apply(Member("PJSIP/a", 1, "support"), 0, "n2");
  Apply(AgentConnected{kDialing, "sales", "PJSIP/a"});
  EXPECT_EQ(Free(0, "support", "n2"), 0);
  Apply(NodeDisconnected{"cut", false});
  EXPECT_EQ(Free(0, "support", "n2"), 1);
}

TEST_F(AgentTrackerTest, ShowsItsQueuesByName) {
  Apply(QueueSeen{"support"});
  Apply(Member("PJSIP/b", 5));
  Apply(Member("PJSIP/a"));
  Apply(QueueSeen{"elsewhere"}, 0, "n2");
  Apply(QueueCallerSeen{"sales", "1795373601.33"});
  Apply(QueueJoined{kDialing, "sales"});
  const std::vector<v1::NodeQueue> queues = tracker_.Show("n1");
  ASSERT_EQ(queues.size(), 2U);
  EXPECT_EQ(queues[0].name(), "sales");
  EXPECT_EQ(queues[0].waiting(), 2U);
  ASSERT_EQ(queues[0].members_size(), 2);
  EXPECT_EQ(queues[0].members(0).interface(), "PJSIP/a");
  EXPECT_EQ(queues[0].members(0).name(), "Agent");
  EXPECT_TRUE(queues[0].members(0).free());
  EXPECT_FALSE(queues[0].members(1).free());
  EXPECT_EQ(queues[0].members(1).device_state(), 5U);
  EXPECT_EQ(queues[1].name(), "support");
}

}  // namespace
}  // namespace outdial::engine
