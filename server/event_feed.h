// Encodes what happens and wakes the clients that follow it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/event_window.h"
#include "server/metrics.h"
#include "storage/record_store.h"

namespace outdial::server {

class EventStreamer;

// Thread-safe. The loop only sets a number; a thread of the feed's own reads the events, encodes
// them once for all streams, and wakes these, so that neither their count nor their slowness ever
// holds up the loop. While nobody follows, nothing is read.
class EventFeed {
 public:
  static constexpr size_t kMaxSubscriptions = 1000;

  // `last_sequence`: of the events that are durable so far. `reader` must outlive the feed.
  EventFeed(storage::StoreReader* reader, uint64_t last_sequence, Metrics* metrics);
  // Closes.
  ~EventFeed();

  // Events up to here are durable. Never blocks on a stream.
  void Publish(uint64_t last_sequence) ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t last_sequence() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Up to here there are events for the streams.
  uint64_t last_ready() const { return window_.last(); }
  // Some of the events after sequence `after`, which is below last_ready(), up to that, as many as
  // one message takes. The errors are those of StoreReader::Events.
  absl::StatusOr<std::vector<EventWindow::Page>> EventsAfter(uint64_t after) const;

  // False: kMaxSubscriptions are open, or the feed is closed.
  bool Add(std::shared_ptr<EventStreamer> streamer) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(EventStreamer* streamer) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends every stream with UNAVAILABLE and joins the thread.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // How often heartbeats are looked after.
  static constexpr absl::Duration kHeartbeatTick = absl::Milliseconds(500);

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasNews() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Adds a page of events up to `last` to the window, which does not reach so far.
  void ReadPage(uint64_t last) ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<std::shared_ptr<EventStreamer>> Streamers() const ABSL_LOCKS_EXCLUDED(mutex_);

  storage::StoreReader* const reader_;
  Metrics* const metrics_;
  EventWindow window_;
  mutable absl::Mutex mutex_;
  uint64_t last_sequence_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Shared with gRPC's threads, which may end a stream while the feed looks at it.
  absl::flat_hash_map<EventStreamer*, std::shared_ptr<EventStreamer>> streamers_
      ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace outdial::server
