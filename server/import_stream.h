// One bulk import: `begin`, then batches, each posted in slices and acknowledged when all of it is
// durable.
#pragma once

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

// One batch is under way at a time, while the next one is read: a stream holds two batches, and
// flow control holds back its client. A client that vanishes leaves the slices that were taken, and
// may go on after them.
//
// Reactions come one after the other, on gRPC's threads and, for replies, on the loop's.
class ImportStream final
    : public grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse> {
 public:
  // A slice holds up everything else for the time that it takes, so that it is much smaller than
  // what a client may send at once.
  static constexpr int kSliceRows = 250;
  static constexpr absl::Duration kMaxStall = absl::Minutes(10);

  // `context` is gRPC's of the call.
  ImportStream(const ServiceDeps& deps, grpc::CallbackServerContext* context)
      : deps_(deps), context_(context) {}

  // Begins to read, or ends at once with `admitted`.
  static ImportStream* Start(const ServiceDeps& deps, grpc::CallbackServerContext* context,
                             const absl::Status& admitted);

  // Ends the stream with UNAVAILABLE if it waits for its client.
  void EndIfIdle() ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the stream if it has waited for its client in every call of the last kMaxStall: with
  // DEADLINE_EXCEEDED where the client sent nothing, with CANCELLED where it took no answer. `now`:
  // monotonic.
  void EndIfStalled(engine::MonotonicTime now) ABSL_LOCKS_EXCLUDED(mutex_);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  // Not while the server drains.
  void Read() ABSL_LOCKS_EXCLUDED(mutex_);
  void TakeRequest();
  // What the request asks of the engine; leaves it free to be read into.
  std::vector<engine::Action> TakeActions();
  void TakeAnswer(v1::OutDlListImportResponse answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnReply(absl::StatusOr<engine::ActionResult> result) ABSL_LOCKS_EXCLUDED(mutex_);
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  // False: somebody else ends the stream, now or once the batch is answered.
  bool StopIfIdle() ABSL_LOCKS_EXCLUDED(mutex_);

  const ServiceDeps deps_;
  grpc::CallbackServerContext* const context_;  // until OnDone
  // Keeps itself alive until gRPC is done with it.
  std::shared_ptr<ImportStream> self_;
  bool begun_ = false;
  v1::OutDlListImportBegin begin_;
  v1::OutDlListImportRequest request_;

  absl::Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  // A request is under way, until its answer was handed to gRPC.
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  // An answer is under way to the client.
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // When EndIfStalled first saw that it waits; absent: it did not, or something passed since.
  std::optional<engine::MonotonicTime> idle_since_ ABSL_GUARDED_BY(mutex_);
  // What the read meanwhile has given.
  bool has_request_ ABSL_GUARDED_BY(mutex_) = false;
  bool client_is_done_ ABSL_GUARDED_BY(mutex_) = false;
  // Replies that are still to come, the first that was an error, and what the others said.
  int waiting_replies_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  v1::OutDlListImportResponse dry_run_ ABSL_GUARDED_BY(mutex_);  // counts so far
  v1::OutDlListImportResponse response_;  // gRPC's from StartWrite to OnWriteDone
};

// The handler of OutDlListImport.
grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse>* RunImport(
    const ServiceDeps& deps, grpc::CallbackServerContext* context);

}  // namespace outdial::server
