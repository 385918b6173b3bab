// Imports as a client sees them, over a real connection.
#include "server/import_stream.h"

#include <chrono>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "tests/server/service_harness.h"
#include "tests/server/status_detail.h"

namespace outdial::server {
namespace {

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
