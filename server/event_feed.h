// Encodes what happens and wakes the clients that follow it.
#pragma once

#include <atomic>
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
#include "server/encoded_events.h"
#include "server/event_window.h"
#include "server/metrics.h"
#include "storage/event_observer.h"
#include "storage/record_store.h"

namespace outdial::server {

class EventStreamer;

// Thread-safe. While somebody follows, the loop encodes each event once, when it is made and at
// hand as a whole; a thread of the feed's own hands the bytes to all streams and wakes these, so
// that neither their count nor their slowness ever holds up the loop. What the loop didn't encode,
// because nobody followed yet or the thread fell behind, that thread reads from the store.
class EventFeed final : public storage::EventObserver {
 public:
  static constexpr size_t kMaxSubscriptions = 1000;

  // `last_sequence`: of the events that are durable so far. `reader` must outlive the feed.
  EventFeed(storage::StoreReader* reader, uint64_t last_sequence, Metrics* metrics);
  // Closes.
  ~EventFeed() override;

  // To be set as the observer of the store; without, all events are read back.
  bool WantsEvents() const override { return has_streamers_.load(std::memory_order_relaxed); }
  void Observe(uint64_t sequence, const v1::Event& event) override {
    encoder_.Add(sequence, event);
  }
  void ForgetAfter(uint64_t sequence) override { encoder_.ForgetAfter(sequence); }

  // Events up to here are durable. Never blocks on a stream. The thread of the rounds.
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

  // Bytes of encoded events that may wait for the thread.
  static constexpr size_t kMaxWaitingBytes = EventWindow::kMaxBytes;

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool HasNews() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Brings the window up to sequence `last`, with `pages` and what is missing between and after
  // them.
  void Advance(std::vector<EventWindow::Page> pages, uint64_t last) ABSL_LOCKS_EXCLUDED(mutex_);
  void ReadUpTo(uint64_t last) ABSL_LOCKS_EXCLUDED(mutex_);
  // Adds a page of events up to `last` to the window, which does not reach so far.
  void ReadPage(uint64_t last) ABSL_LOCKS_EXCLUDED(mutex_);
  void WakeStreamers() ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<std::shared_ptr<EventStreamer>> Streamers() const ABSL_LOCKS_EXCLUDED(mutex_);

  storage::StoreReader* const reader_;
  Metrics* const metrics_;
  EventWindow window_;
  EventEncoder encoder_;  // of the thread of the rounds
  std::atomic<bool> has_streamers_ = false;
  mutable absl::Mutex mutex_;
  uint64_t last_sequence_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Durable events on their way to the window, in order.
  std::vector<EventWindow::Page> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // Shared with gRPC's threads, which may end a stream while the feed looks at it.
  absl::flat_hash_map<EventStreamer*, std::shared_ptr<EventStreamer>> streamers_
      ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace outdial::server
