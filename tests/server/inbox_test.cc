#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/run_loop.h"

namespace outdial::server {
namespace {

using ::testing::ElementsAre;

engine::ClientAction Action(engine::Ticket ticket) { return {ticket, v1::OutPlanDeleteRequest()}; }

engine::ClientAction Slice(engine::Ticket ticket) { return {ticket, engine::ImportSlice()}; }

std::vector<engine::Ticket> Tickets(const std::vector<engine::Input>& inputs) {
  std::vector<engine::Ticket> tickets;
  for (const engine::Input& input : inputs) {
    if (const auto* action = std::get_if<engine::ClientAction>(&input)) {
      tickets.push_back(action->ticket);
    }
  }
  return tickets;
}

TEST(InboxTest, GivesInputsInTheOrderOfArrivalUpToTheLimit) {
  Inbox inbox;
  for (engine::Ticket ticket = 1; ticket <= 3; ++ticket) inbox.PostAction(Action(ticket));
  EXPECT_EQ(inbox.size(), 3u);
  EXPECT_THAT(Tickets(inbox.Take(2, absl::ZeroDuration())), ElementsAre(1, 2));
  EXPECT_THAT(Tickets(inbox.Take(2, absl::ZeroDuration())), ElementsAre(3));
  EXPECT_EQ(inbox.size(), 0u);
}

TEST(InboxTest, TakesEventsOfANodeAtOnceAndInTheirOrder) {
  Inbox inbox;
  inbox.PostAction(Action(1));
  inbox.Post({{"a", engine::NodeSynced{}}, {"b", engine::NodeSynced{}}});
  const std::vector<engine::Input> inputs = inbox.Take(10, absl::ZeroDuration());
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(std::get<engine::NodeEvent>(inputs[1]).node, "a");
  EXPECT_EQ(std::get<engine::NodeEvent>(inputs[2]).node, "b");
}

TEST(InboxTest, GivesSlicesOfImportsInTheirTurnAlone) {
  Inbox inbox;
  for (engine::Ticket ticket = 1; ticket <= 3; ++ticket) inbox.PostAction(Slice(ticket));
  inbox.PostAction(Action(4));
  const auto take = [&inbox](Inbox::Turn turn) {
    return Tickets(inbox.Take(10, absl::ZeroDuration(), turn, /*max_slices=*/2));
  };
  EXPECT_THAT(take(Inbox::Turn::kSlices), ElementsAre(1, 2));
  EXPECT_THAT(take(Inbox::Turn::kInputs), ElementsAre(4));
  EXPECT_THAT(take(Inbox::Turn::kInputs), ElementsAre(3)) << "nobody else wants the turn";
  inbox.PostAction(Action(5));
  EXPECT_THAT(take(Inbox::Turn::kSlices), ElementsAre(5)) << "there are no slices";
  EXPECT_EQ(inbox.size(), 0u);
}

TEST(InboxTest, RefusesActionsBeyondTheBoundAndNeverFactsOfNodes) {
  Inbox inbox;
  for (size_t i = 0; i < Inbox::kMaxWaitingActions; ++i) {
    ASSERT_TRUE(inbox.PostAction(Action(i)));
  }
  EXPECT_FALSE(inbox.PostAction(Action(0)));
  inbox.Post(engine::NodeEvent{"a", engine::NodeSynced{}});
  EXPECT_EQ(inbox.size(), Inbox::kMaxWaitingActions + 1);

  inbox.Take(1, absl::ZeroDuration());
  EXPECT_TRUE(inbox.PostAction(Action(0)));
}

TEST(InboxTest, WakeEndsAWaitWithoutAnInput) {
  Inbox inbox;
  std::thread waker([&inbox] { inbox.Wake(); });
  EXPECT_TRUE(inbox.Take(10, absl::InfiniteDuration()).empty());
  waker.join();
}

TEST(InboxTest, AnInputEndsAWait) {
  Inbox inbox;
  std::thread poster([&inbox] { inbox.Post(engine::StopDialing{}); });
  EXPECT_EQ(inbox.Take(10, absl::InfiniteDuration()).size(), 1u);
  poster.join();
}

}  // namespace
}  // namespace outdial::server
