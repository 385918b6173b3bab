// One bulk import: `begin`, then batches, each posted in slices and acknowledged when all of it is
// durable.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/now.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "server/services.h"

namespace outdial::server {

// While one batch is written the next one waits for the loop, so that loop and disk always have
// work: a stream holds two batches, and flow control holds back its client. A client that vanishes
// leaves the slices that were taken, and may go on after them.
//
// Reactions come on gRPC's threads and, for replies, on the loop's; requests one after the other.
class ImportStream final
    : public grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse> {
 public:
  // A slice holds up everything else for the time that it takes, so that it is much smaller than
  // what a client may send at once.
  static constexpr int kSliceRows = 250;
  // Of a stream, the one that is being read included.
  static constexpr size_t kMaxSteps = 2;
  static constexpr absl::Duration kMaxStall = absl::Minutes(10);

  // `context` is gRPC's of the call.
  ImportStream(const ServiceDeps& deps, grpc::CallbackServerContext* context)
      : deps_(deps), context_(context) {}

  // Begins to read, or ends at once with `admitted`.
  static ImportStream* Start(const ServiceDeps& deps, grpc::CallbackServerContext* context,
                             const absl::Status& admitted);

  // Ends the stream with UNAVAILABLE once all that is under way is answered. To be called when the
  // gate drains.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_) { Advance(); }
  // Ends the stream if it has waited for its client in every call of the last kMaxStall: with
  // DEADLINE_EXCEEDED where the client sent nothing, with CANCELLED where it took no answer. `now`:
  // monotonic.
  void EndIfStalled(engine::MonotonicTime now) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  // A request, from when it was read until its answer is written.
  struct Step {
    // Replies that are still to come, and what the others said.
    size_t waiting_replies = 0;
    v1::OutDlListImportResponse answer;
    // The first reply that was an error, or what else ends the stream instead of an answer.
    std::optional<absl::Status> end;
  };
  // Where the next request is: not asked for, gRPC's, or on its way to the loop.
  enum class Intake { kPaused, kReading, kTaking };

  // Hands what was read to the loop.
  void TakeRequest() ABSL_LOCKS_EXCLUDED(mutex_);
  // What the request asks of the engine; leaves it free to be read into.
  std::vector<engine::Action> TakeActions();
  void OnReply(Step* step, absl::StatusOr<engine::ActionResult> result) ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeAnswer(v1::OutDlListImportResponse answer, Step* step)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Reads no more, and ends the stream with `status` once what is under way is answered.
  void EndAfterAnswers(absl::Status status) ABSL_LOCKS_EXCLUDED(mutex_);
  // Writes, reads and ends, as far as it is time for it. No reaction runs inside of it.
  void Advance() ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ServiceDeps deps_;
  grpc::CallbackServerContext* const context_;  // until OnDone
  // Keeps itself alive until gRPC is done with it.
  std::shared_ptr<ImportStream> self_;
  bool begun_ = false;
  v1::OutDlListImportBegin begin_;
  v1::OutDlListImportRequest request_;

  absl::Mutex mutex_;
  Intake intake_ ABSL_GUARDED_BY(mutex_) = Intake::kPaused;
  // The first step's answer is with gRPC.
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  // In the order of reading. A deque: whoever waits for a reply refers to its step.
  std::deque<Step> steps_ ABSL_GUARDED_BY(mutex_);
  // When EndIfStalled first saw that it waits; absent: it did not, or something passed since.
  std::optional<engine::MonotonicTime> idle_since_ ABSL_GUARDED_BY(mutex_);
  v1::OutDlListImportResponse dry_run_ ABSL_GUARDED_BY(mutex_);  // counts so far
};

// The handler of OutDlListImport.
grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse>* RunImport(
    const ServiceDeps& deps, grpc::CallbackServerContext* context);

}  // namespace outdial::server
