#include "storage/commit_thread.h"

#include <utility>

namespace outdial::storage {

CommitThread::CommitThread() : thread_([this] { Run(); }) {}

CommitThread::~CommitThread() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

void CommitThread::Begin(std::function<absl::Status()> job, std::function<void()> done) {
  absl::MutexLock lock(&mutex_);
  job_ = std::move(job);
  done_ = std::move(done);
  state_ = State::kBegun;
}

bool CommitThread::IsDone() const {
  absl::MutexLock lock(&mutex_);
  return HasEnded();
}

absl::Status CommitThread::Wait() {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &CommitThread::HasEnded));
  return result_;
}

void CommitThread::Run() {
  while (true) {
    std::function<absl::Status()> job;
    std::function<void()> done;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &CommitThread::HasWork));
      if (state_ != State::kBegun) return;
      job = std::move(job_);
      done = std::move(done_);
    }
    absl::Status result = job();
    absl::MutexLock lock(&mutex_);
    result_ = std::move(result);
    state_ = State::kDone;
    done();  // before Wait returns, after which what it calls may be gone
  }
}

}  // namespace outdial::storage
