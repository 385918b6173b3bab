// The one door to the engine for both front ends: an action goes in, its reply comes out.
#pragma once

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "engine/action.h"
#include "server/run_loop.h"

namespace outdial::server {

// Thread-safe.
//
// A client that went away is not forgotten here: its reply comes as every other and falls on deaf
// ears, since whether an action happened must not depend on who still listens.
class ControlPlane {
 public:
  // Called exactly once, on the loop's thread or, where the action is refused at once, on the
  // caller's. Must not block.
  using Done = std::function<void(absl::StatusOr<engine::ActionResult>)>;

  // `inbox` must outlive the control plane.
  explicit ControlPlane(Inbox* inbox) : inbox_(inbox) {}

  // RESOURCE_EXHAUSTED: too many actions wait. UNAVAILABLE: the loop has ended, or can't write.
  void Post(engine::Action action, Done done) ABSL_LOCKS_EXCLUDED(mutex_);

  // Hands a reply to who waits for it. The loop's thread.
  void Deliver(engine::Reply reply) ABSL_LOCKS_EXCLUDED(mutex_);

  // Answers whoever still waits with `why`, and all later actions too. After the loop ended.
  void Close(const absl::Status& why) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Absent: answered already.
  Done TakeWaiting(engine::Ticket ticket) ABSL_LOCKS_EXCLUDED(mutex_);

  Inbox* inbox_;
  absl::Mutex mutex_;
  absl::Status closed_ ABSL_GUARDED_BY(mutex_);
  engine::Ticket last_ticket_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<engine::Ticket, Done> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outdial::server
