// Event subscriptions as a client sees them, over a real connection.
#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outdial/v1/event_service.grpc.pb.h"
#include "tests/server/service_harness.h"
#include "tests/server/status_detail.h"

namespace outdial::server {
namespace {

class Subscription {
 public:
  Subscription(ServiceHarness& harness, const v1::OutEventSubscribeRequest& request)
      : stub_(v1::OutEventService::NewStub(harness.channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    reader_ = stub_->OutEventSubscribe(&context_, request);
  }
  ~Subscription() {
    context_.TryCancel();
    if (!finished_) reader_->Finish();
  }

  // The next message; absent: the stream has ended.
  std::optional<v1::OutEventSubscribeResponse> Read() {
    v1::OutEventSubscribeResponse message;
    if (!reader_->Read(&message)) return std::nullopt;
    return message;
  }
  // Reads until so many events came; says how many messages with events it took.
  int ReadEvents(size_t count, std::vector<std::string>* positions) {
    int messages = 0;
    while (positions->size() < count) {
      const auto message = Read();
      if (!message.has_value()) return -1;
      if (message->events_size() > 0) ++messages;
      for (const auto& event : message->events()) positions->push_back(event.position());
    }
    return messages;
  }
  grpc::Status Finish() {
    finished_ = true;
    return reader_->Finish();
  }

 private:
  std::unique_ptr<v1::OutEventService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::OutEventSubscribeResponse>> reader_;
  bool finished_ = false;
};

v1::OutEventSubscribeRequest After(const std::string& position) {
  v1::OutEventSubscribeRequest request;
  request.set_after_position(position);
  return request;
}

std::vector<std::string> Positions(uint64_t first, uint64_t last) {
  std::vector<std::string> positions;
  for (uint64_t at = first; at <= last; ++at) positions.push_back(storage::EncodePosition(at));
  return positions;
}

TEST(EventSubscribeTest, BeginsNowAndTellsItsPositionAtOnce) {
  ServiceHarness harness;
  harness.store.AddEvents(5);
  harness.Start();
  Subscription subscription(harness, {});
  const auto first = subscription.Read();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->events_size(), 0);
  EXPECT_EQ(first->position(), storage::EncodePosition(5));

  harness.PublishEvents(1);
  std::vector<std::string> positions;
  EXPECT_EQ(subscription.ReadEvents(1, &positions), 1);
  EXPECT_EQ(positions, Positions(6, 6));
}

TEST(EventSubscribeTest, EachEventComesOnceAndInOrder) {
  ServiceHarness harness;
  harness.store.AddEvents(1000);
  harness.Start();
  Subscription subscription(harness, After("oldest"));
  for (int i = 0; i < 500; ++i) harness.PublishEvents(2);
  std::vector<std::string> positions;
  ASSERT_GT(subscription.ReadEvents(2000, &positions), 0);
  EXPECT_EQ(positions, Positions(1, 2000));
}

TEST(EventSubscribeTest, NothingIsToldBeforeItIsPublishedThoughItIsThere) {
  ServiceHarness harness;
  harness.store.AddEvents(5);
  harness.Start();
  harness.store.AddEvents(3);
  Subscription subscription(harness, After("oldest"));
  std::vector<std::string> positions;
  ASSERT_GT(subscription.ReadEvents(5, &positions), 0);
  EXPECT_EQ(positions, Positions(1, 5));
  harness.PublishEvents(1);
  ASSERT_GT(subscription.ReadEvents(9, &positions), 0);
  EXPECT_EQ(positions, Positions(1, 9));
}

// Its detail tells it from what the store holds.
v1::Event Shown(uint64_t sequence) {
  v1::Event event;
  event.set_position(storage::EncodePosition(sequence));
  event.set_kind(v1::EVENT_KIND_OUT_PLAN_UPDATE);
  event.mutable_plan()->set_detail("shown");
  return event;
}

TEST(EventSubscribeTest, WhatTheLoopShowedIsNotReadBackAndTheRestIs) {
  ServiceHarness harness;
  harness.store.AddEvents(1);
  harness.Start();
  EXPECT_FALSE(harness.feed().WantsEvents());
  Subscription subscription(harness, {});
  ASSERT_TRUE(subscription.Read().has_value());
  EXPECT_TRUE(harness.feed().WantsEvents());

  for (const uint64_t sequence : {3, 4, 5}) harness.feed().Observe(sequence, Shown(sequence));
  harness.feed().ForgetAfter(4);
  harness.PublishEvents(5);
  std::vector<std::string> positions;
  std::vector<bool> shown;
  while (shown.size() < 5) {
    const auto message = subscription.Read();
    ASSERT_TRUE(message.has_value());
    for (const v1::Event& event : message->events()) {
      positions.push_back(event.position());
      shown.push_back(event.plan().detail() == "shown");
    }
  }
  EXPECT_EQ(positions, Positions(2, 6));
  EXPECT_THAT(shown, testing::ElementsAre(false, true, true, false, false));
}

TEST(EventSubscribeTest, AReaderThatKeepsUpGetsBatchesOfOneAndOneThatLagsFullOnes) {
  ServiceHarness harness;
  harness.Start();
  Subscription subscription(harness, {});
  ASSERT_TRUE(subscription.Read().has_value());
  std::vector<std::string> positions;
  for (size_t i = 1; i <= 3; ++i) {
    harness.PublishEvents(1);
    EXPECT_EQ(subscription.ReadEvents(i, &positions), 1);
  }
  harness.PublishEvents(2560);
  EXPECT_EQ(subscription.ReadEvents(2563, &positions), 10);
}

TEST(EventSubscribeTest, GoesOnAfterAPositionAcrossARestart) {
  std::string position;
  {
    ServiceHarness before;
    before.store.AddEvents(10);
    before.Start();
    Subscription subscription(before, After("oldest"));
    std::vector<std::string> positions;
    subscription.ReadEvents(10, &positions);
    position = positions[3];
  }
  ServiceHarness after;
  after.store.AddEvents(12);
  after.Start();
  Subscription subscription(after, After(position));
  std::vector<std::string> positions;
  ASSERT_GT(subscription.ReadEvents(8, &positions), 0);
  EXPECT_EQ(positions, Positions(5, 12));
}

TEST(EventSubscribeTest, UntilNewestEndsAfterWhatThereIs) {
  ServiceHarness harness;
  harness.store.AddEvents(1000);
  harness.Start();
  v1::OutEventSubscribeRequest request = After("oldest");
  request.set_until_newest(true);
  Subscription all(harness, request);
  std::vector<std::string> positions;
  all.ReadEvents(1000, &positions);
  EXPECT_EQ(positions, Positions(1, 1000));
  EXPECT_FALSE(all.Read().has_value());
  EXPECT_TRUE(all.Finish().ok());

  request.set_after_position(positions.back());
  Subscription nothing(harness, request);
  const auto where = nothing.Read();
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(where->position(), positions.back());
  EXPECT_FALSE(nothing.Read().has_value());
  EXPECT_TRUE(nothing.Finish().ok());
}

TEST(EventSubscribeTest, UntilNewestTellsNothingNewerThoughItIsThere) {
  ServiceHarness harness;
  harness.store.AddEvents(10);
  harness.Start();
  // Keeps what is new in memory for all.
  Subscription follower(harness, {});
  ASSERT_TRUE(follower.Read().has_value());
  harness.PublishEvents(5);
  std::vector<std::string> positions;
  ASSERT_GT(follower.ReadEvents(5, &positions), 0);

  v1::OutEventSubscribeRequest request = After(storage::EncodePosition(10));
  request.set_until_newest(true);
  Subscription newest(harness, request);
  ASSERT_TRUE(newest.Read().has_value());
  harness.PublishEvents(5);
  positions.clear();
  while (const auto message = newest.Read()) {
    for (const auto& event : message->events()) positions.push_back(event.position());
  }
  EXPECT_TRUE(newest.Finish().ok());
  EXPECT_EQ(positions, Positions(11, 15));
}

TEST(EventSubscribeTest, ATrimmedPositionNamesTheOldestThatIsLeft) {
  ServiceHarness harness;
  harness.store.AddEvents(10);
  harness.store.TrimTo(5);
  harness.Start();
  Subscription trimmed(harness, After(storage::EncodePosition(2)));
  EXPECT_FALSE(trimmed.Read().has_value());
  const grpc::Status status = trimmed.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  ASSERT_TRUE(info.has_value());
  EXPECT_EQ(info->reason(), "POSITION_TRIMMED");

  Subscription oldest(harness, After(info->metadata().at("oldest_position")));
  std::vector<std::string> positions;
  ASSERT_GT(oldest.ReadEvents(6, &positions), 0);
  EXPECT_EQ(positions, Positions(5, 10));
}

TEST(EventSubscribeTest, RefusesPositionsThatItNeverGave) {
  ServiceHarness harness;
  harness.store.AddEvents(3);
  harness.Start();
  for (const std::string& position : {std::string("nonsense"), storage::EncodePosition(4)}) {
    Subscription subscription(harness, After(position));
    EXPECT_FALSE(subscription.Read().has_value());
    EXPECT_EQ(subscription.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST(EventSubscribeTest, WhatIsFilteredOutMovesThePosition) {
  ServiceHarness harness;
  harness.store.AddEvents(1000);
  harness.Start();
  v1::OutEventSubscribeRequest request = After("oldest");
  request.add_kinds(v1::EVENT_KIND_OUT_DIALING_DELETE);
  request.set_heartbeat_seconds(1);
  Subscription subscription(harness, request);
  std::string position;
  while (position != storage::EncodePosition(1000)) {
    const auto message = subscription.Read();
    ASSERT_TRUE(message.has_value());
    EXPECT_EQ(message->events_size(), 0);
    position = message->position();
  }
}

TEST(EventSubscribeTest, KindsAndCampaignsChooseWhatComes) {
  ServiceHarness harness;
  const std::string campaign = "01920000-0000-7000-8000-000000000001";
  const std::string other = "01920000-0000-7000-8000-000000000002";
  const auto add = [&harness](v1::EventKind kind, const std::string& of) {
    v1::Event event;
    event.set_kind(kind);
    event.set_uuid(of);
    if (kind == v1::EVENT_KIND_OUT_DIALING_CREATE || kind == v1::EVENT_KIND_OUT_DIALING_DELETE) {
      event.set_uuid("01920000-0000-7000-8000-000000000009");
      event.mutable_dialing()->set_camp_uuid(of);
    }
    harness.store.AddEvent(event);
  };
  add(v1::EVENT_KIND_OUT_CAMPAIGN_CREATE, campaign);  // 1
  add(v1::EVENT_KIND_OUT_CAMPAIGN_CREATE, other);
  add(v1::EVENT_KIND_OUT_DIALING_CREATE, other);
  add(v1::EVENT_KIND_OUT_DIALING_CREATE, campaign);  // 4
  add(v1::EVENT_KIND_OUT_PLAN_UPDATE, campaign);
  add(v1::EVENT_KIND_OUT_DIALING_DELETE, campaign);   // 6
  add(v1::EVENT_KIND_OUT_CAMPAIGN_DELETE, campaign);  // 7
  harness.Start();

  v1::OutEventSubscribeRequest request = After("oldest");
  request.add_camp_uuids(campaign);
  std::vector<std::string> positions;
  Subscription by_campaign(harness, request);
  ASSERT_GT(by_campaign.ReadEvents(4, &positions), 0);
  EXPECT_THAT(positions,
              testing::ElementsAre(storage::EncodePosition(1), storage::EncodePosition(4),
                                   storage::EncodePosition(6), storage::EncodePosition(7)));

  request.add_kinds(v1::EVENT_KIND_OUT_DIALING_DELETE);
  request.add_kinds(v1::EVENT_KIND_OUT_CAMPAIGN_DELETE);
  positions.clear();
  Subscription by_both(harness, request);
  ASSERT_GT(by_both.ReadEvents(2, &positions), 0);
  EXPECT_EQ(positions, Positions(6, 7));
}

TEST(EventSubscribeTest, AHeartbeatComesWhenNothingHappens) {
  ServiceHarness harness;
  harness.store.AddEvents(3);
  harness.Start();
  v1::OutEventSubscribeRequest request;
  request.set_heartbeat_seconds(1);
  Subscription subscription(harness, request);
  ASSERT_TRUE(subscription.Read().has_value());
  const absl::Time begin = absl::Now();
  const auto heartbeat = subscription.Read();
  ASSERT_TRUE(heartbeat.has_value());
  EXPECT_EQ(heartbeat->events_size(), 0);
  EXPECT_EQ(heartbeat->position(), storage::EncodePosition(3));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(900));
}

TEST(EventSubscribeTest, RefusesFiltersAndHeartbeatsThatAreNone) {
  ServiceHarness harness;
  harness.Start();
  v1::OutEventSubscribeRequest bad_kind;
  bad_kind.add_kinds(static_cast<v1::EventKind>(99));
  v1::OutEventSubscribeRequest bad_campaign;
  bad_campaign.add_camp_uuids("sales");
  v1::OutEventSubscribeRequest no_heartbeat;
  no_heartbeat.set_heartbeat_seconds(0);
  v1::OutEventSubscribeRequest rare_heartbeat;
  rare_heartbeat.set_heartbeat_seconds(3601);
  for (const auto& request : {bad_kind, bad_campaign, no_heartbeat, rare_heartbeat}) {
    Subscription subscription(harness, request);
    EXPECT_FALSE(subscription.Read().has_value());
    const grpc::Status status = subscription.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_TRUE(DetailOf<google::rpc::BadRequest>(status).has_value()) << status.error_message();
  }
}

TEST(EventSubscribeTest, ASlowReaderHoldsUpNobodyAndGetsEverythingInTheEnd) {
  ServiceHarness harness;
  harness.Start();
  Subscription slow(harness, {});
  Subscription quick(harness, {});
  ASSERT_TRUE(slow.Read().has_value());
  ASSERT_TRUE(quick.Read().has_value());
  // Far more than the connection's windows hold.
  std::vector<std::string> positions;
  for (size_t i = 1; i <= 200; ++i) {
    harness.PublishEvents(100, 2000);
    ASSERT_GT(quick.ReadEvents(i * 100, &positions), 0);
  }
  EXPECT_EQ(positions, Positions(1, 20000));
  std::vector<std::string> late;
  ASSERT_GT(slow.ReadEvents(20000, &late), 0);
  EXPECT_EQ(late, Positions(1, 20000));
}

TEST(EventSubscribeTest, ADrainEndsItWithATimeToComeBack) {
  ServiceHarness harness;
  harness.Start();
  Subscription subscription(harness, {});
  ASSERT_TRUE(subscription.Read().has_value());
  harness.Drain();
  EXPECT_FALSE(subscription.Read().has_value());
  const grpc::Status status = subscription.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
}

TEST(EventSubscribeTest, AClientThatVanishesLeavesNothing) {
  ServiceHarness harness;
  harness.Start();
  for (int i = 0; i < 20; ++i) {
    Subscription subscription(harness, {});
    ASSERT_TRUE(subscription.Read().has_value());
  }
  // Ends only when gRPC has let go of every stream.
  harness.Shutdown();
}

}  // namespace
}  // namespace outdial::server
