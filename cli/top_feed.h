// Fetches what `top` shows, beside the thread that draws it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cli/connection.h"
#include "cli/top_model.h"

namespace outdial::cli {

// Fetches samples on a thread of its own, from its making to its end, so that keys are answered
// while a server is slow. Made and ended by one thread, which may ask for the latest.
class TopFeed {
 public:
  struct Latest {
    // Grows with each fetch, whether it succeeded or not.
    uint64_t number = 0;
    // Of the last fetch that succeeded. Shared, since it is drawn while the next one is made.
    std::shared_ptr<const TopView> view;
    // How the last fetch ended.
    CommandStatus status;
  };

  // `first` is the model's view before the first fetch. `connection` must outlive it, and is its
  // own meanwhile.
  TopFeed(Connection* connection, TopModel model, TopView first, absl::Duration interval,
          std::function<absl::Time()> now);
  // Triggers the connection's interrupt, which ends a fetch in progress.
  ~TopFeed();
  TopFeed(const TopFeed&) = delete;
  TopFeed& operator=(const TopFeed&) = delete;

  Latest latest() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  Connection* const connection_;
  const absl::Duration interval_;
  const std::function<absl::Time()> now_;
  // Of the feed's thread.
  TopModel model_;

  mutable absl::Mutex mutex_;
  Latest latest_ ABSL_GUARDED_BY(mutex_);

  std::thread thread_;
};

}  // namespace outdial::cli
