// One bulk import: `begin`, then batches, each posted as a slice and acknowledged when it is
// durable.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "server/services.h"

namespace outdial::server {

// One slice is under way at a time: the next batch is read after the answer to the one before was
// handed to gRPC, so that a stream holds one batch and flow control holds back its client. A
// client that vanishes leaves its acknowledged slices, and may go on after them.
//
// Reactions come one after the other, on gRPC's threads and, for replies, on the loop's.
class ImportStream final
    : public grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse> {
 public:
  explicit ImportStream(const ServiceDeps& deps) : deps_(deps) {}

  // Begins to read, or ends at once with `admitted`.
  static ImportStream* Start(const ServiceDeps& deps, const absl::Status& admitted);

  // Ends the stream with UNAVAILABLE if it waits for its client.
  void EndIfReading() ABSL_LOCKS_EXCLUDED(mutex_);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  void Read();
  void TakeRequest();
  void OnReply(absl::StatusOr<engine::ActionResult> result);
  void End(const absl::Status& status);
  // Takes the stream out of reading; false: Drain was faster and has ended it.
  bool StopReading() ABSL_LOCKS_EXCLUDED(mutex_);

  const ServiceDeps deps_;
  // Keeps itself alive until gRPC is done with it.
  std::shared_ptr<ImportStream> self_;
  bool begun_ = false;
  v1::OutDlListImportBegin begin_;
  v1::OutDlListImportRequest request_;
  v1::OutDlListImportResponse response_;

  absl::Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
};

// The handler of OutDlListImport.
grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse>* RunImport(
    const ServiceDeps& deps, grpc::CallbackServerContext* context);

}  // namespace outdial::server
