// The loop with the real engine, the real record store in memory, and time that a test sets.
#include "server/run_loop.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_store.h"
#include "storage/record_store.h"

namespace outdial::server {
namespace {

using ::testing::ElementsAre;

class TestClock final : public engine::Clock {
 public:
  engine::Now Read() override { return now_; }
  absl::Duration RealDuration(absl::Duration) override { return absl::ZeroDuration(); }
  void Advance(absl::Duration by) {
    now_.mono += by;
    now_.wall += by;
  }

 private:
  engine::Now now_{absl::Hours(1), absl::FromUnixSeconds(1700000000)};
};

class NoZones final : public engine::ZoneLookup {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view name) override {
    if (name != "UTC") return std::nullopt;
    return absl::UTCTimeZone();
  }
};

class RecordingTransport final : public engine::NodeTransport {
 public:
  void Send(const engine::NodeCommand& command) override { commands.push_back(command); }
  size_t Resyncs() const {
    size_t count = 0;
    for (const auto& command : commands) {
      count += std::holds_alternative<engine::Resync>(command.command) ? 1 : 0;
    }
    return count;
  }
  std::vector<engine::NodeCommand> commands;
};

// A store whose commits take as long as a test wants.
class SlowCommitter final : public engine::RoundCommitter {
 public:
  explicit SlowCommitter(engine::RoundCommitter* store) : store_(store) {}
  void set_slow(bool slow) { slow_ = slow; }
  int begun() const { return begun_; }

  engine::RoundStore& Round() override { return store_->Round(); }
  void BeginCommit(std::function<void()> done) override {
    ++begun_;
    store_->BeginCommit(std::move(done));
  }
  bool CommitIsDone() const override { return !slow_ && store_->CommitIsDone(); }
  absl::Status FinishCommit() override { return store_->FinishCommit(); }
  void Discard() override { store_->Discard(); }
  uint64_t LastEventSequence() const override { return store_->LastEventSequence(); }
  absl::Status Reopen() override { return store_->Reopen(); }

 private:
  engine::RoundCommitter* store_;
  bool slow_ = false;
  int begun_ = 0;
};

class RunLoopTest : public testing::Test {
 protected:
  explicit RunLoopTest(const storage::RecordStoreOptions& options = {}) {
    auto memory = std::make_unique<storage::MemoryStore>();
    disk_ = memory.get();
    auto store = storage::RecordStore::Open(std::move(memory), options);
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    committer_ = std::make_unique<SlowCommitter>(store_.get());
    config_.nodes = {{"a", {}}};
    config_.seed = 1;
    RoundSinks sinks;
    sinks.reply = [this](engine::Reply reply) {
      order_.push_back("reply");
      replies_.push_back(std::move(reply));
      clock_.Advance(round_takes_);
    };
    sinks.events = [this](uint64_t last) { order_.push_back(absl::StrCat("events ", last)); };
    sinks.log = [this](const engine::LogLine& line) { log_.push_back(line.name); };
    loop_ = std::make_unique<RunLoop>(
        &clock_, &transport_, committer_.get(), &inbox_,
        [this] {
          ++engines_;
          return std::make_unique<engine::DialEngine>(config_, &zones_);
        },
        std::move(sinks));
  }

  void CreatePlan(engine::Ticket ticket) {
    v1::OutPlanCreateRequest request;
    request.mutable_plan()->set_name("p");
    ASSERT_TRUE(inbox_.PostAction({ticket, request}));
  }
  template <class Response>
  Response Do(engine::Action action) {
    EXPECT_TRUE(inbox_.PostAction({1, std::move(action)}));
    EXPECT_TRUE(Round().ok());
    EXPECT_TRUE(replies_.back().result.ok()) << replies_.back().result.status();
    return std::get<Response>(*replies_.back().result);
  }
  // Starts a campaign with one entry, and gives the dialing that node `a` was told to make.
  engine::DialingUuid DialOne() {
    v1::OutPlanCreateRequest plan;
    plan.mutable_plan()->set_dial_mode(v1::DIAL_MODE_ROBO);
    v1::OutDestinationCreateRequest dest;
    dest.mutable_destination()->set_type(v1::DESTINATION_TYPE_APPLICATION);
    dest.mutable_destination()->set_application("Echo");
    v1::OutDlListCreateRequest entry;
    entry.mutable_dl()->set_dlma_uuid(
        Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid());
    entry.mutable_dl()->add_number("100");
    Do<v1::OutDlListCreateResponse>(entry);
    v1::OutCampaignCreateRequest campaign;
    campaign.mutable_campaign()->set_plan(Do<v1::OutPlanCreateResponse>(plan).plan().uuid());
    campaign.mutable_campaign()->set_dest(
        Do<v1::OutDestinationCreateResponse>(dest).destination().uuid());
    campaign.mutable_campaign()->set_dlma(entry.dl().dlma_uuid());
    v1::OutCampaignUpdateRequest start;
    start.mutable_campaign()->set_uuid(
        Do<v1::OutCampaignCreateResponse>(campaign).campaign().uuid());
    start.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
    Do<v1::OutCampaignUpdateResponse>(start);
    engine::NodeConnected connected;
    connected.may_originate = connected.sees_calls = true;
    Tell(std::move(connected));
    Tell(engine::NodeSynced{});
    EXPECT_TRUE(Round().ok());
    const auto* originate = std::get_if<engine::Originate>(&transport_.commands.back().command);
    EXPECT_NE(originate, nullptr);
    return originate == nullptr ? engine::DialingUuid() : originate->dialing;
  }
  void Tell(engine::NodeFact fact) { inbox_.Post(engine::NodeEvent{"a", std::move(fact)}); }
  absl::Status Round() { return loop_->RunRound(absl::ZeroDuration()); }
  size_t Plans() { return store_->Plans(engine::PlanUuid(), 100)->size(); }

  // By the clock, of a round that replies once.
  absl::Duration round_takes_;
  TestClock clock_;
  NoZones zones_;
  RecordingTransport transport_;
  Inbox inbox_;
  engine::EngineConfig config_;
  storage::MemoryStore* disk_ = nullptr;
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<SlowCommitter> committer_;
  std::unique_ptr<RunLoop> loop_;
  std::vector<engine::Reply> replies_;
  std::vector<std::string> order_;
  std::vector<std::string> log_;
  int engines_ = 0;
};

class RunLoopWithThreadsTest : public RunLoopTest {
 protected:
  RunLoopWithThreadsTest() : RunLoopTest({.has_threads = true}) {}
};

TEST_F(RunLoopWithThreadsTest, EveryActionIsAnsweredInItsOrderAndDurable) {
  ASSERT_TRUE(loop_->Start().ok());
  constexpr engine::Ticket kActions = 300;
  for (engine::Ticket ticket = 1; ticket <= kActions; ++ticket) {
    CreatePlan(ticket);
    if (ticket % 7 == 0) {
      ASSERT_TRUE(Round().ok());
    }
  }
  while (replies_.size() < kActions) ASSERT_TRUE(Round().ok());
  for (size_t i = 0; i < replies_.size(); ++i) {
    ASSERT_TRUE(replies_[i].result.ok()) << replies_[i].result.status();
    EXPECT_EQ(replies_[i].ticket, i + 1);
  }
  EXPECT_EQ(store_->Plans(engine::PlanUuid(), 2 * kActions)->size(), kActions);
}

TEST_F(RunLoopWithThreadsTest, AFullDiskRefusesAllAndGoesOnOnceThereIsRoom) {
  ASSERT_TRUE(loop_->Start().ok());
  disk_->SetDiskFull(true);
  for (engine::Ticket ticket = 1; ticket <= 100; ++ticket) CreatePlan(ticket);
  while (replies_.size() < 100) ASSERT_TRUE(Round().ok());
  for (const engine::Reply& reply : replies_) {
    EXPECT_EQ(reply.result.status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_TRUE(loop_->suspended());
  disk_->SetDiskFull(false);
  clock_.Advance(RunLoop::kResumeInterval);
  ASSERT_TRUE(Round().ok());
  CreatePlan(101);
  while (replies_.size() < 101) ASSERT_TRUE(Round().ok());
  EXPECT_TRUE(replies_.back().result.ok()) << replies_.back().result.status();
  EXPECT_EQ(Plans(), 1u);
}

TEST_F(RunLoopTest, ARoundAnswersWhatItMadeDurableAndThenTellsTheEvent) {
  ASSERT_TRUE(loop_->Start().ok());
  order_.clear();
  const uint64_t events = store_->LastEvent();
  CreatePlan(7);
  ASSERT_TRUE(Round().ok());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].ticket, 7u);
  EXPECT_TRUE(replies_[0].result.ok()) << replies_[0].result.status();
  EXPECT_EQ(Plans(), 1u);
  EXPECT_THAT(order_, ElementsAre("reply", absl::StrCat("events ", events + 1)));
}

TEST_F(RunLoopTest, ARoundTakesAllThatWaits) {
  ASSERT_TRUE(loop_->Start().ok());
  for (engine::Ticket ticket = 1; ticket <= 5; ++ticket) CreatePlan(ticket);
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(replies_.size(), 5u);
  EXPECT_EQ(Plans(), 5u);
}

TEST_F(RunLoopTest, WhileARoundIsWrittenTheNextTakesWhatComesAndNothingLeaves) {
  ASSERT_TRUE(loop_->Start().ok());
  order_.clear();
  const uint64_t events = store_->LastEvent();
  const int begun = committer_->begun();
  committer_->set_slow(true);
  for (engine::Ticket ticket = 1; ticket <= 4; ++ticket) {
    CreatePlan(ticket);
    ASSERT_TRUE(Round().ok());
  }
  EXPECT_TRUE(loop_->committing());
  EXPECT_EQ(inbox_.size(), 0u);
  EXPECT_THAT(order_, ElementsAre());
  EXPECT_EQ(Plans(), 0u);

  committer_->set_slow(false);
  ASSERT_TRUE(Round().ok());
  EXPECT_FALSE(loop_->committing());
  EXPECT_EQ(committer_->begun(), begun + 2);
  EXPECT_THAT(order_, ElementsAre("reply", absl::StrCat("events ", events + 1), "reply", "reply",
                                  "reply", absl::StrCat("events ", events + 4)));
  EXPECT_EQ(Plans(), 4u);
}

TEST_F(RunLoopTest, ARoundThatIsFullWaitsForTheOneBefore) {
  ASSERT_TRUE(loop_->Start().ok());
  committer_->set_slow(true);
  const size_t count = RunLoop::kMaxInputsPerRound + 1;
  CreatePlan(1);
  ASSERT_TRUE(Round().ok());
  for (size_t i = 0; i < count; ++i) CreatePlan(2);
  while (replies_.empty()) ASSERT_TRUE(Round().ok());
  EXPECT_EQ(replies_.size(), 1u);
  EXPECT_EQ(inbox_.size(), 0u);
  ASSERT_TRUE(loop_->Flush().ok());
  EXPECT_EQ(replies_.size(), 1 + count);
  EXPECT_EQ(Plans(), 100u);  // a page
}

TEST_F(RunLoopTest, FlushLeavesNothingToBeWritten) {
  ASSERT_TRUE(loop_->Start().ok());
  committer_->set_slow(true);
  for (engine::Ticket ticket = 1; ticket <= 2; ++ticket) {
    CreatePlan(ticket);
    ASSERT_TRUE(Round().ok());
  }
  ASSERT_TRUE(loop_->Flush().ok());
  EXPECT_FALSE(loop_->committing());
  EXPECT_EQ(replies_.size(), 2u);
  EXPECT_EQ(Plans(), 2u);
}

TEST_F(RunLoopTest, AFullDiskLosesTheRoundThatWasOpenBesideToo) {
  ASSERT_TRUE(loop_->Start().ok());
  disk_->SetDiskFull(true);
  committer_->set_slow(true);
  order_.clear();
  for (engine::Ticket ticket = 1; ticket <= 3; ++ticket) {
    CreatePlan(ticket);
    ASSERT_TRUE(Round().ok());
  }
  committer_->set_slow(false);
  CreatePlan(4);
  ASSERT_TRUE(Round().ok());
  EXPECT_TRUE(loop_->suspended());
  EXPECT_THAT(order_, ElementsAre("reply", "reply", "reply", "reply"));
  for (const engine::Reply& reply : replies_) {
    EXPECT_EQ(reply.result.status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(Plans(), 0u);

  disk_->SetDiskFull(false);
  clock_.Advance(RunLoop::kResumeInterval);
  ASSERT_TRUE(Round().ok());
  CreatePlan(5);
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(Plans(), 1u);
}

TEST_F(RunLoopTest, WhatIsSaidOfADialingInTheRoundThatWasOpenBesideIsItsResult) {
  ASSERT_TRUE(loop_->Start().ok());
  const engine::DialingUuid dialing = DialOne();
  disk_->SetDiskFull(true);
  committer_->set_slow(true);
  Tell(engine::ChannelCreated{dialing, "PJSIP/gw-1"});
  ASSERT_TRUE(Round().ok());
  Tell(engine::OriginateResponse{dialing, false, 0, ""});
  ASSERT_TRUE(Round().ok());
  committer_->set_slow(false);
  Tell(engine::ChannelHungUp{dialing, 17, "User busy", 486});
  ASSERT_TRUE(Round().ok());
  ASSERT_TRUE(loop_->suspended());

  disk_->SetDiskFull(false);
  clock_.Advance(RunLoop::kResumeInterval);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Round().ok());
  const auto result = store_->GetDialing(dialing);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome(), v1::OUTCOME_BUSY);
  EXPECT_EQ(result->channel_name(), "PJSIP/gw-1");
}

TEST_F(RunLoopTest, UpkeepWaitsForTheCommit) {
  int upkeeps = 0;
  loop_->set_upkeep([&](const engine::Now&) {
    EXPECT_FALSE(loop_->committing());
    ++upkeeps;
    return false;
  });
  ASSERT_TRUE(loop_->Start().ok());
  ASSERT_TRUE(Round().ok());
  committer_->set_slow(true);
  for (engine::Ticket ticket = 1; ticket <= 2; ++ticket) {
    CreatePlan(ticket);
    ASSERT_TRUE(Round().ok());
  }
  clock_.Advance(RunLoop::kUpkeepInterval);
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(upkeeps, 2);
  EXPECT_EQ(replies_.size(), 1u);
}

TEST_F(RunLoopTest, AFullDiskSuspendsAndNothingOfTheRoundIsKeptOrSent) {
  ASSERT_TRUE(loop_->Start().ok());
  disk_->SetDiskFull(true);
  order_.clear();
  CreatePlan(7);
  ASSERT_TRUE(Round().ok());
  EXPECT_TRUE(loop_->suspended());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].result.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(engine::ReasonOf(replies_[0].result.status()), engine::Reason::kStoreUnavailable);
  EXPECT_THAT(order_, ElementsAre("reply"));
  EXPECT_EQ(Plans(), 0u);
  EXPECT_THAT(log_, testing::Contains("store_full"));
}

TEST_F(RunLoopTest, WhileSuspendedEveryActionIsRefusedAtOnce) {
  ASSERT_TRUE(loop_->Start().ok());
  disk_->SetDiskFull(true);
  CreatePlan(1);
  ASSERT_TRUE(Round().ok());
  CreatePlan(2);
  ASSERT_TRUE(Round().ok());
  ASSERT_EQ(replies_.size(), 2u);
  EXPECT_EQ(replies_[1].ticket, 2u);
  EXPECT_EQ(replies_[1].result.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(RunLoopTest, WhenThereIsRoomAgainANewEngineAsksEveryNodeForItsState) {
  ASSERT_TRUE(loop_->Start().ok());
  const size_t resyncs = transport_.Resyncs();
  disk_->SetDiskFull(true);
  CreatePlan(1);
  ASSERT_TRUE(Round().ok());
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(RunLoop::kResumeInterval);
    ASSERT_TRUE(Round().ok());
    EXPECT_TRUE(loop_->suspended());
  }
  EXPECT_EQ(std::count(log_.begin(), log_.end(), "store_full"), 1);

  disk_->SetDiskFull(false);
  clock_.Advance(RunLoop::kResumeInterval);
  ASSERT_TRUE(Round().ok());
  EXPECT_FALSE(loop_->suspended());
  EXPECT_EQ(engines_, 2);
  EXPECT_EQ(transport_.Resyncs(), resyncs + 1);
  EXPECT_THAT(log_, testing::Contains("store_writable"));
  CreatePlan(2);
  ASSERT_TRUE(Round().ok());
  EXPECT_TRUE(replies_.back().result.ok());
  EXPECT_EQ(Plans(), 1u);
}

TEST_F(RunLoopTest, WhatIsSaidOfADialingWhileTheDiskIsFullIsItsResult) {
  ASSERT_TRUE(loop_->Start().ok());
  const engine::DialingUuid dialing = DialOne();
  disk_->SetDiskFull(true);
  // Of these the first is lost with its round, the others come while none is run.
  Tell(engine::ChannelCreated{dialing, "PJSIP/gw-1"});
  ASSERT_TRUE(Round().ok());
  ASSERT_TRUE(loop_->suspended());
  const absl::Time rang = clock_.Read().wall;
  Tell(engine::DialBegun{dialing});
  ASSERT_TRUE(Round().ok());
  Tell(engine::OriginateResponse{dialing, false, 0, ""});
  Tell(engine::ChannelHungUp{dialing, 17, "User busy", 486});
  // The first attempt to go on fails too.
  clock_.Advance(RunLoop::kResumeInterval);
  ASSERT_TRUE(Round().ok());
  ASSERT_TRUE(loop_->suspended());

  disk_->SetDiskFull(false);
  clock_.Advance(RunLoop::kResumeInterval);
  ASSERT_TRUE(Round().ok());
  ASSERT_FALSE(loop_->suspended());
  ASSERT_TRUE(Round().ok());
  const auto result = store_->GetDialing(dialing);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->outcome(), v1::OUTCOME_BUSY);
  EXPECT_EQ(result->channel_name(), "PJSIP/gw-1");
  EXPECT_EQ(result->tm_dial_begin(), engine::FormatRecordTime(rang));
}

TEST_F(RunLoopTest, WhatWasKeptStaysInItsOrderWhenTheDiskIsFullAgain) {
  ASSERT_TRUE(loop_->Start().ok());
  const engine::DialingUuid dialing = DialOne();
  disk_->SetDiskFull(true);
  // More than three rounds take; the last one that is taken counts.
  const size_t facts = 3 * RunLoop::kMaxInputsAtOnce + 1;
  for (size_t i = 0; i < facts; ++i) {
    Tell(engine::ChannelCreated{dialing, absl::StrCat("PJSIP/gw-", i)});
  }
  while (inbox_.size() > 0) ASSERT_TRUE(Round().ok());
  const auto resume = [this] {
    disk_->SetDiskFull(false);
    clock_.Advance(RunLoop::kResumeInterval);
    ASSERT_TRUE(Round().ok());
    ASSERT_FALSE(loop_->suspended());
  };
  resume();
  disk_->SetDiskFull(true);
  committer_->set_slow(true);
  ASSERT_TRUE(Round().ok());
  committer_->set_slow(false);
  ASSERT_TRUE(Round().ok());
  ASSERT_TRUE(loop_->suspended());
  resume();
  for (size_t i = 0; i < facts; i += RunLoop::kMaxInputsAtOnce) ASSERT_TRUE(Round().ok());
  const auto told = store_->GetDialing(dialing);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(told->channel_name(), absl::StrCat("PJSIP/gw-", facts - 1));
}

TEST_F(RunLoopTest, AnyOtherFailureOfACommitEndsTheProcess) {
  ASSERT_TRUE(loop_->Start().ok());
  disk_->FailNextCommit(absl::DataLossError("the disk is broken"),
                        storage::MemoryStore::Fate::kKept);
  CreatePlan(1);
  const absl::Status status = Round();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(replies_.empty());
}

TEST_F(RunLoopTest, UpkeepIsDoneOnceAnInterval) {
  int upkeeps = 0;
  loop_->set_upkeep([&](const engine::Now&) {
    ++upkeeps;
    return false;
  });
  ASSERT_TRUE(loop_->Start().ok());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Round().ok());
  EXPECT_EQ(upkeeps, 1);
  clock_.Advance(RunLoop::kUpkeepInterval);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Round().ok());
  EXPECT_EQ(upkeeps, 2);
}

TEST_F(RunLoopTest, UpkeepThatLagsBehindIsDoneMoreOften) {
  int left = 4;
  loop_->set_upkeep([&](const engine::Now&) { return --left > 0; });
  ASSERT_TRUE(loop_->Start().ok());
  for (const int expected : {3, 2, 1, 0}) {
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(Round().ok());
    EXPECT_EQ(left, expected);
    clock_.Advance(RunLoop::kBusyUpkeepInterval);
  }
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Round().ok());
  EXPECT_EQ(left, 0);
}

TEST_F(RunLoopTest, AfterSlicesOthersHaveTheirTurnFourTimesAsLong) {
  ASSERT_TRUE(loop_->Start().ok());
  const auto tickets = [this] {
    std::vector<engine::Ticket> answered;
    for (const engine::Reply& reply : replies_) answered.push_back(reply.ticket);
    return answered;
  };
  CreatePlan(10);
  EXPECT_TRUE(Round().ok());
  round_takes_ = absl::Milliseconds(10);
  inbox_.PostAction({1, engine::ImportSlice()});
  inbox_.PostAction({2, engine::ImportSlice()});
  CreatePlan(11);
  EXPECT_TRUE(Round().ok());
  for (const engine::Ticket plan : {12, 13, 14, 15, 16}) {
    EXPECT_TRUE(Round().ok());
    CreatePlan(plan);
  }
  EXPECT_TRUE(Round().ok());
  EXPECT_THAT(tickets(), ElementsAre(10, 1, 11, 12, 13, 14, 2, 15, 16));
}

TEST_F(RunLoopTest, WhileARoundOfOthersIsWrittenSlicesWaitForTheirTurn) {
  ASSERT_TRUE(loop_->Start().ok());
  round_takes_ = absl::Milliseconds(10);
  inbox_.PostAction({1, engine::ImportSlice()});
  EXPECT_TRUE(Round().ok());
  inbox_.PostAction({2, engine::ImportSlice()});
  CreatePlan(3);
  committer_->set_slow(true);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Round().ok());
  EXPECT_EQ(inbox_.size(), 1u);
  clock_.Advance(RunLoop::kOthersPerSlice * round_takes_);
  EXPECT_TRUE(Round().ok());
  EXPECT_EQ(inbox_.size(), 0u);
}

TEST_F(RunLoopTest, WhileSlicesAreWrittenTheNextAreTaken) {
  ASSERT_TRUE(loop_->Start().ok());
  committer_->set_slow(true);
  for (engine::Ticket ticket = 1; ticket <= 2; ++ticket) {
    inbox_.PostAction({ticket, engine::ImportSlice()});
    EXPECT_TRUE(Round().ok());
  }
  EXPECT_TRUE(loop_->committing());
  EXPECT_EQ(inbox_.size(), 0u);
}

TEST_F(RunLoopTest, UpkeepAndSlicesHaveRoundsOfTheirOwn) {
  int upkeeps = 0;
  loop_->set_upkeep([&](const engine::Now&) {
    ++upkeeps;
    return true;
  });
  ASSERT_TRUE(loop_->Start().ok());
  for (engine::Ticket ticket = 1; ticket <= 2; ++ticket) {
    inbox_.PostAction({ticket, engine::ImportSlice()});
  }
  const auto round = [&] {
    EXPECT_TRUE(Round().ok());
    return std::pair(upkeeps, replies_.size());
  };
  EXPECT_EQ(round(), std::pair(1, size_t{0}));
  round_takes_ = RunLoop::kBusyUpkeepInterval;
  EXPECT_EQ(round(), std::pair(1, size_t{2}));
  EXPECT_EQ(round(), std::pair(2, size_t{2}));
}

TEST_F(RunLoopTest, UpkeepThatTakesLongerThanItsIntervalLeavesTimeToSlices) {
  int upkeeps = 0;
  loop_->set_upkeep([&](const engine::Now&) {
    ++upkeeps;
    clock_.Advance(2 * RunLoop::kBusyUpkeepInterval);
    return true;
  });
  ASSERT_TRUE(loop_->Start().ok());
  round_takes_ = 2 * RunLoop::kBusyUpkeepInterval;
  for (engine::Ticket ticket = 1; ticket <= 3; ++ticket) {
    inbox_.PostAction({ticket, engine::ImportSlice()});
  }
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(Round().ok());
  EXPECT_EQ(replies_.size(), 3u);
  EXPECT_EQ(upkeeps, 3);
}

TEST_F(RunLoopTest, SlicesShareARoundOnceNothingElseHasComeForAWhile) {
  ASSERT_TRUE(loop_->Start().ok());
  CreatePlan(1);
  EXPECT_TRUE(Round().ok());
  for (engine::Ticket ticket = 2; ticket < 20; ++ticket) {
    inbox_.PostAction({ticket, engine::ImportSlice()});
  }
  EXPECT_TRUE(Round().ok());
  EXPECT_EQ(replies_.size(), 2u);
  clock_.Advance(RunLoop::kQuietTime);
  EXPECT_TRUE(Round().ok());
  EXPECT_EQ(replies_.size(), 2 + RunLoop::kMaxSlicesPerRound);
}

}  // namespace
}  // namespace outdial::server
