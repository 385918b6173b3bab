// Event subscriptions and imports as a client sees them, over a real connection.
#include <chrono>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/event_service.grpc.pb.h"
#include "server/import_stream.h"
#include "tests/server/service_harness.h"

namespace outdial::server {
namespace {

template <class Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const auto& any : details.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

// ---- Events

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

// ---- Imports

// Takes slices as the engine would: gaps are refused, every row is accepted.
class FakeImports {
 public:
  absl::StatusOr<engine::ActionResult> operator()(const engine::Action& action) {
    v1::OutDlListImportResponse response;
    if (const auto* slice = std::get_if<engine::ImportSlice>(&action)) {
      if (slice->batch.first_row() > next_row_) {
        return engine::FailedPrecondition(engine::Reason::kImportOutOfOrder, "a gap");
      }
      next_row_ = slice->batch.first_row() + static_cast<uint64_t>(slice->batch.rows_size());
    }
    response.set_next_row(next_row_);
    response.set_accepted(next_row_);
    return response;
  }

 private:
  uint64_t next_row_ = 0;
};

class Import {
 public:
  explicit Import(ServiceHarness& harness) : Import(harness.channel) {}
  explicit Import(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::OutDlListService::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    stream_ = stub_->OutDlListImport(&context_);
  }

  // Says the row to go on from; -1: the stream has ended.
  int64_t Begin(bool dry_run = false) {
    v1::OutDlListImportRequest request;
    request.mutable_begin()->set_dry_run(dry_run);
    request.mutable_begin()->set_request_id("r");
    return Send(request);
  }
  // And no more.
  void WriteBegin() {
    v1::OutDlListImportRequest request;
    request.mutable_begin()->set_request_id("r");
    stream_->Write(request);
  }
  int64_t Batch(uint64_t first_row, int rows) { return Send(BatchOf(first_row, rows)); }
  // Without waiting for the answer, which Answer reads.
  bool Write(uint64_t first_row, int rows) { return stream_->Write(BatchOf(first_row, rows)); }
  int64_t HugeRow(size_t bytes) {
    v1::OutDlListImportRequest request;
    request.mutable_batch()->add_rows()->set_name(std::string(bytes, 'x'));
    return Send(request);
  }
  int64_t Answer() {
    v1::OutDlListImportResponse response;
    if (!stream_->Read(&response)) return -1;
    refused_rows_ = response.refused_rows_size();
    accepted_ = response.accepted();
    return static_cast<int64_t>(response.next_row());
  }
  // In the last answer.
  uint64_t accepted() const { return accepted_; }
  int refused_rows() const { return refused_rows_; }
  void Vanish() { context_.TryCancel(); }
  grpc::Status Finish() {
    stream_->WritesDone();
    return stream_->Finish();
  }
  bool Read() {
    v1::OutDlListImportResponse response;
    return stream_->Read(&response);
  }

 private:
  static v1::OutDlListImportRequest BatchOf(uint64_t first_row, int rows) {
    v1::OutDlListImportRequest request;
    request.mutable_batch()->set_first_row(first_row);
    for (int i = 0; i < rows; ++i) request.mutable_batch()->add_rows()->add_number("123");
    return request;
  }
  int64_t Send(const v1::OutDlListImportRequest& request) {
    return stream_->Write(request) ? Answer() : -1;
  }

  std::unique_ptr<v1::OutDlListService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::OutDlListImportRequest, v1::OutDlListImportResponse>>
      stream_;
  int refused_rows_ = 0;
  uint64_t accepted_ = 0;
};

TEST(ImportTest, EachBatchIsAcknowledged) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  EXPECT_EQ(import.Batch(0, 1000), 1000);
  EXPECT_EQ(import.Batch(1000, 500), 1500);
  EXPECT_TRUE(import.Finish().ok());
}

TEST(ImportTest, ABatchReachesTheLoopInSlicesAndIsAnsweredOnce) {
  std::vector<std::pair<uint64_t, int>> slices;
  ServiceHarness harness([&slices](const engine::Action& action) {
    v1::OutDlListImportResponse response;
    if (const auto* slice = std::get_if<engine::ImportSlice>(&action)) {
      slices.emplace_back(slice->batch.first_row(), slice->batch.rows_size());
      response.set_next_row(slices.back().first + slices.back().second);
      response.add_refused_rows()->set_row(slices.back().first);
    }
    return absl::StatusOr<engine::ActionResult>(response);
  });
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  EXPECT_EQ(import.Batch(0, 2 * ImportStream::kSliceRows + 1), 2 * ImportStream::kSliceRows + 1);
  EXPECT_EQ(import.refused_rows(), 3);
  EXPECT_TRUE(import.Finish().ok());
  EXPECT_THAT(slices,
              testing::ElementsAre(std::pair(0, ImportStream::kSliceRows),
                                   std::pair(250, ImportStream::kSliceRows), std::pair(500, 1)));
}

TEST(ImportTest, WhileABatchIsTakenTheNextOneWaitsForTheLoopAndNoMore) {
  constexpr uint64_t kBatches = 6;
  std::vector<size_t> waiting;
  ServiceHarness* loop = nullptr;
  ServiceHarness harness([&](const engine::Action& action) {
    v1::OutDlListImportResponse response;
    if (const auto* slice = std::get_if<engine::ImportSlice>(&action)) {
      response.set_next_row(slice->batch.first_row() + 1);
      const absl::Time deadline = absl::Now() + absl::Seconds(20);
      while (response.next_row() < kBatches && loop->waiting_actions() == 0 &&
             absl::Now() < deadline) {
        std::this_thread::yield();
      }
      waiting.push_back(loop->waiting_actions());
    }
    return absl::StatusOr<engine::ActionResult>(response);
  });
  loop = &harness;
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  for (uint64_t row = 0; row < kBatches; ++row) EXPECT_TRUE(import.Write(row, 1));
  for (uint64_t row = 0; row < kBatches; ++row) {
    EXPECT_EQ(import.Answer(), static_cast<int64_t>(row + 1));
  }
  EXPECT_TRUE(import.Finish().ok());
  EXPECT_THAT(waiting, testing::ElementsAre(1, 1, 1, 1, 1, 0));
}

TEST(ImportTest, WhatWasSentBeforeAGapIsAnswered) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  EXPECT_TRUE(import.Write(0, 1));
  EXPECT_TRUE(import.Write(5, 1));
  EXPECT_EQ(import.Answer(), 1);
  EXPECT_EQ(import.Answer(), -1);
  EXPECT_EQ(import.Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST(ImportTest, ASliceThatFailsEndsTheStreamOnceAllAreAnswered) {
  int slices = 0;
  ServiceHarness harness([&slices](const engine::Action& action) {
    if (std::holds_alternative<engine::ImportSlice>(action) && ++slices == 2) {
      return absl::StatusOr<engine::ActionResult>(engine::NoSuch("dlma", "x"));
    }
    return absl::StatusOr<engine::ActionResult>(v1::OutDlListImportResponse());
  });
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  EXPECT_EQ(import.Batch(0, 1000), -1);
  EXPECT_EQ(import.Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(slices, 4);
}

TEST(ImportTest, ACutImportGoesOnWhereItWas) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  {
    Import cut(harness);
    EXPECT_EQ(cut.Begin(), 0);
    EXPECT_EQ(cut.Batch(0, 700), 700);
    cut.Vanish();
    EXPECT_EQ(cut.Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  Import again(harness);
  EXPECT_EQ(again.Begin(), 700);
  EXPECT_EQ(again.Batch(700, 300), 1000);
  EXPECT_TRUE(again.Finish().ok());
}

TEST(ImportTest, RefusesWhatDoesNotBelongAtThisPoint) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import no_begin(harness);
  EXPECT_EQ(no_begin.Batch(0, 1), -1);
  EXPECT_EQ(no_begin.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  Import two_begins(harness);
  EXPECT_EQ(two_begins.Begin(), 0);
  EXPECT_EQ(two_begins.Begin(), -1);
  EXPECT_EQ(two_begins.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);

  Import too_many_rows(harness);
  EXPECT_EQ(too_many_rows.Begin(), 0);
  EXPECT_EQ(too_many_rows.Batch(0, 1001), -1);
  EXPECT_EQ(too_many_rows.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(ImportTest, AGapEndsTheStreamWithItsReason) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  EXPECT_EQ(import.Batch(5, 1), -1);
  const grpc::Status status = import.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status)->reason(), "IMPORT_OUT_OF_ORDER");
}

TEST(ImportTest, SoManyAtOnceAndNoMore) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  std::vector<std::unique_ptr<Import>> imports;
  for (size_t i = 0; i < OpenImports::kMaxImports; ++i) {
    imports.push_back(std::make_unique<Import>(harness));
    ASSERT_EQ(imports.back()->Begin(), 0);
  }
  Import one_more(harness);
  EXPECT_EQ(one_more.Begin(), -1);
  EXPECT_EQ(one_more.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  for (auto& import : imports) EXPECT_TRUE(import->Finish().ok());
}

TEST(ImportTest, AnImportWhoseClientIsSilentForTooLongMakesRoomForOthers) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import silent(harness);
  EXPECT_EQ(silent.Begin(), 0);
  // Its answer may be on its way still, and until then nobody waits for the client.
  for (engine::MonotonicTime now; harness.open_imports() > 0; now += ImportStream::kMaxStall) {
    harness.EndStalledImports(now);
    std::this_thread::yield();
  }
  EXPECT_FALSE(silent.Read());
  EXPECT_EQ(silent.Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

// A connection that takes little ahead of what is read.
std::shared_ptr<grpc::Channel> NarrowChannel(ServiceHarness& harness) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64 << 10);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", harness.front().port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

TEST(ImportTest, AnImportWhoseClientTakesNoAnswersMakesRoomForOthers) {
  absl::Notification answered;
  ServiceHarness harness([&answered](const engine::Action&) {
    // Much more than a client is sent that reads nothing.
    v1::OutDlListImportResponse response;
    response.add_refused_rows()->set_reason(std::string(3 << 20, 'r'));
    answered.Notify();
    return absl::StatusOr<engine::ActionResult>(response);
  });
  harness.Start();
  Import deaf(NarrowChannel(harness));
  deaf.WriteBegin();
  answered.WaitForNotification();
  for (engine::MonotonicTime now; harness.open_imports() > 0; now += ImportStream::kMaxStall) {
    harness.EndStalledImports(now);
    std::this_thread::yield();
  }
  // What is there of the answer would hold Finish back.
  while (deaf.Read()) {
  }
  EXPECT_EQ(deaf.Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST(ImportTest, WhateverIsSentEndsASilence) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  engine::MonotonicTime now = absl::Hours(1);
  for (uint64_t row = 0; row < 3; ++row, now += ImportStream::kMaxStall / 2) {
    harness.EndStalledImports(now);
    EXPECT_EQ(import.Batch(row, 1), static_cast<int64_t>(row + 1));
  }
  EXPECT_TRUE(import.Finish().ok());
}

TEST(ImportTest, ARowOfAHundredMegabytesEndsItsStreamAlone) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import other(harness);
  EXPECT_EQ(other.Begin(), 0);
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  EXPECT_EQ(import.HugeRow(100'000'000), -1);
  EXPECT_EQ(import.Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(other.Batch(0, 1), 1);
  EXPECT_TRUE(other.Finish().ok());
}

TEST(ImportTest, ADryRunIsCountedOverAllItsSlices) {
  ServiceHarness harness([](const engine::Action& action) {
    v1::OutDlListImportResponse response;
    if (std::holds_alternative<engine::ImportSlice>(action)) {
      response.set_accepted(2);
      response.set_refused(1);
    }
    return absl::StatusOr<engine::ActionResult>(response);
  });
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(/*dry_run=*/true), 0);
  import.Batch(0, 500);
  import.Batch(500, 250);
  EXPECT_EQ(import.accepted(), 6u);
  EXPECT_TRUE(import.Finish().ok());
}

TEST(ImportTest, ADrainEndsAnIdleImportWithATimeToComeBack) {
  ServiceHarness harness{FakeImports()};
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  harness.Drain();
  EXPECT_FALSE(import.Read());
  const grpc::Status status = import.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(DetailOf<google::rpc::RetryInfo>(status).has_value());
}

TEST(ImportTest, ADrainLetsWhatIsUnderWayBeAnsweredFirst) {
  absl::Notification posted;
  absl::Notification drained;
  ServiceHarness harness([&](const engine::Action& action) {
    v1::OutDlListImportResponse response;
    if (std::holds_alternative<engine::ImportSlice>(action)) {
      posted.Notify();
      drained.WaitForNotification();
      response.set_next_row(1);
    }
    return absl::StatusOr<engine::ActionResult>(response);
  });
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  EXPECT_TRUE(import.Write(0, 1));
  posted.WaitForNotification();
  harness.Drain();
  drained.Notify();
  EXPECT_EQ(import.Answer(), 1);
  EXPECT_FALSE(import.Read());
  EXPECT_EQ(import.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(ImportTest, AClientThatVanishesBetweenSliceAndAnswerLeavesNothing) {
  absl::Notification posted;
  absl::Notification vanished;
  ServiceHarness harness([&](const engine::Action& action) {
    if (std::holds_alternative<engine::ImportSlice>(action)) {
      posted.Notify();
      vanished.WaitForNotification();
    }
    return absl::StatusOr<engine::ActionResult>(v1::OutDlListImportResponse());
  });
  harness.Start();
  Import import(harness);
  EXPECT_EQ(import.Begin(), 0);
  std::thread sender([&import] { EXPECT_EQ(import.Batch(0, 10), -1); });
  posted.WaitForNotification();
  import.Vanish();
  sender.join();
  vanished.Notify();
  EXPECT_EQ(import.Finish().error_code(), grpc::StatusCode::CANCELLED);
  harness.Shutdown();
}

}  // namespace
}  // namespace outdial::server
