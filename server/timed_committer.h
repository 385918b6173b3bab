// The store as the loop sees it, with each commit's time measured.
#pragma once

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
  absl::Status Commit() override {
    const absl::Duration begin = ReadMonotonic();
    absl::Status status = store_->Commit();
    if (status.ok()) metrics_->RoundCommitted(ReadMonotonic() - begin);
    return status;
  }
  void Discard() override { store_->Discard(); }
  uint64_t LastEventSequence() const override { return store_->LastEventSequence(); }
  absl::Status Reopen() override { return store_->Reopen(); }

 private:
  engine::RoundCommitter* store_;
  Metrics* metrics_;
};

}  // namespace outdial::server
