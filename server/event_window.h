// The newest events, encoded, for all clients that keep up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/encoded_events.h"

namespace outdial::server {

// Thread-safe. One thread adds.
class EventWindow {
 public:
  // A client that lags further reads the store for itself.
  static constexpr size_t kMaxBytes = size_t{8} << 20;

  using Page = std::shared_ptr<const EncodedEvents>;

  // Empty, after sequence `last`.
  explicit EventWindow(uint64_t last) : last_(last) {}

  // `page` begins after last(). The oldest pages go while there is more than kMaxBytes.
  void Append(Page page) ABSL_LOCKS_EXCLUDED(mutex_);
  // Forgets all; the next page begins after `last`.
  void Restart(uint64_t last) ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t last() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The pages with the events after sequence `after`, which is below last(): as many as hold
  // `limit` of them. Empty: it does not reach back so far.
  std::vector<Page> After(uint64_t after, size_t limit) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  uint64_t last_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<Page> pages_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outdial::server
