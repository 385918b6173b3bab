// One client that follows the events.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/event_filter.h"
#include "server/services.h"

namespace outdial::server {

// Follows the event log by sequence and buffers one message, however far its client lags. While the
// client keeps up, the feed's thread wakes it and it sends what is there, mostly one event, of
// bytes that it shares with the others; while it lags, each message that the client took is
// followed by a full one. Events are taken from the feed once the message before was handed to
// gRPC, by gRPC's threads or the feed's, never by the loop's.
class EventStreamer final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // `after`: sequence of the last event that is not wanted. `until`: the stream ends after this
  // one; absent: never.
  EventStreamer(const ServiceDeps& deps, EventFilter filter, uint64_t after,
                std::optional<uint64_t> until, absl::Duration heartbeat);

  // Sends where the stream begins, so that a client knows where to go on even before the first
  // event.
  static void Start(const std::shared_ptr<EventStreamer>& streamer);
  // Ends a stream that was refused.
  static void Refuse(const std::shared_ptr<EventStreamer>& streamer, const absl::Status& why);

  // There may be news, or a heartbeat may be due.
  void Wake() ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends the stream with UNAVAILABLE, at once or when the message under way is through.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Who may touch message_ and cursor_: with kIdle nobody, with kBusy whoever set it or whose
  // write is under way.
  enum class State { kIdle, kBusy, kEnded };

  // kIdle becomes kBusy; false: it was not idle.
  bool Acquire() ABSL_LOCKS_EXCLUDED(mutex_);
  // With kBusy: sends what comes next, or becomes kIdle. Never both sends and goes on.
  void Proceed() ABSL_LOCKS_EXCLUDED(mutex_);
  // kBusy becomes kIdle unless there is news again, or the stream must end; true: idle.
  bool Rest() ABSL_LOCKS_EXCLUDED(mutex_);
  // Puts the next events into the message; true: it must be sent.
  absl::StatusOr<bool> FillNext();
  void Send();
  void End(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  const ServiceDeps deps_;
  const EventFilter filter_;
  const std::optional<uint64_t> until_;
  const absl::Duration heartbeat_;
  // Keeps itself alive until gRPC is done with it.
  std::shared_ptr<EventStreamer> self_;

  uint64_t cursor_;  // sequence up to which all was sent or filtered out
  absl::Time last_sent_;
  grpc::ByteBuffer message_;

  absl::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kBusy;
  bool must_end_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace outdial::server
