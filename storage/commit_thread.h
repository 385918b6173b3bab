// One thread that writes rounds to the disk, so that the next round is made meanwhile.
#pragma once

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace outdial::storage {

// One job at a time: Begin, then Wait, by one thread. The destructor waits for the job that was
// begun.
class CommitThread {
 public:
  CommitThread();
  ~CommitThread();

  // Does `job` on the thread, then calls `done` there, which must not call this object.
  void Begin(std::function<absl::Status()> job, std::function<void()> done)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether Wait would wait for nothing.
  bool IsDone() const ABSL_LOCKS_EXCLUDED(mutex_);
  // What the job returned.
  absl::Status Wait() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class State { kIdle, kBegun, kDone };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return state_ == State::kBegun || ending_;
  }
  bool HasEnded() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return state_ != State::kBegun; }

  mutable absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kIdle;
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status result_ ABSL_GUARDED_BY(mutex_);
  std::function<absl::Status()> job_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> done_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace outdial::storage
