// The store as the loop sees it, with each commit's time measured.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "engine/ports.h"
#include "server/clock.h"
#include "server/metrics.h"

namespace outdial::server {

// The loop's thread.
class TimedCommitter final : public engine::RoundCommitter {
 public:
  // Both must outlive it.
  TimedCommitter(engine::RoundCommitter* store, Metrics* metrics)
      : store_(store), metrics_(metrics) {}

  engine::RoundStore& Round() override { return store_->Round(); }
  void BeginCommit(std::function<void()> done) override {
    begin_ = ReadMonotonic();
    end_.reset();
    store_->BeginCommit([this, done = std::move(done)] {
      end_ = ReadMonotonic();
      done();
    });
  }
  bool CommitIsDone() const override { return store_->CommitIsDone(); }
  absl::Status FinishCommit() override {
    absl::Status status = store_->FinishCommit();
    // Without a word from the store it was written just now.
    if (status.ok()) metrics_->RoundCommitted(end_.value_or(ReadMonotonic()) - begin_);
    return status;
  }
  void Discard() override { store_->Discard(); }
  uint64_t LastEventSequence() const override { return store_->LastEventSequence(); }
  absl::Status Reopen() override { return store_->Reopen(); }

 private:
  engine::RoundCommitter* store_;
  Metrics* metrics_;
  absl::Duration begin_;
  std::optional<absl::Duration> end_;  // of the write, set by the thread that does it
};

}  // namespace outdial::server
