// The wish to stop: SIGINT or SIGTERM, or a test.
#pragma once

#include <grpcpp/client_context.h>

#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace outdial::cli {

// Thread-safe. Triggering ends waits and cancels calls in progress; it can't be taken back.
class Interrupt {
 public:
  // Not from a signal handler: it takes a lock.
  void Trigger() ABSL_LOCKS_EXCLUDED(mutex_);
  bool triggered() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits `duration`, or until triggered; true: triggered.
  bool WaitFor(absl::Duration duration) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Cancels `call` when triggered, as long as this object lives. Both must outlive it.
  class CancelsCall {
   public:
    CancelsCall(Interrupt* interrupt, grpc::ClientContext* call);
    ~CancelsCall();
    CancelsCall(const CancelsCall&) = delete;
    CancelsCall& operator=(const CancelsCall&) = delete;

   private:
    Interrupt* const interrupt_;
    grpc::ClientContext* const call_;
  };

 private:
  mutable absl::Mutex mutex_;
  bool triggered_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<grpc::ClientContext*> calls_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outdial::cli
