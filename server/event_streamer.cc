#include "server/event_streamer.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "server/encoded_events.h"
#include "server/grpc_status.h"

namespace outdial::server {
namespace {

constexpr char kMethod[] = "OutEventSubscribe";

}  // namespace

EventStreamer::EventStreamer(const ServiceDeps& deps, EventFilter filter, uint64_t after,
                             std::optional<uint64_t> until, absl::Duration heartbeat)
    : deps_(deps),
      filter_(std::move(filter)),
      until_(until),
      heartbeat_(heartbeat),
      cursor_(after),
      last_sent_(absl::Now()) {}

void EventStreamer::Start(const std::shared_ptr<EventStreamer>& streamer) {
  streamer->self_ = streamer;
  streamer->message_ = EventMessage(streamer->cursor_).Encode();
  streamer->Send();
}

void EventStreamer::Refuse(const std::shared_ptr<EventStreamer>& streamer,
                           const absl::Status& why) {
  streamer->self_ = streamer;
  streamer->End(why);
}

void EventStreamer::Wake() {
  if (Acquire()) Proceed();
}

void EventStreamer::Drain() {
  {
    absl::MutexLock lock(&mutex_);
    must_end_ = true;
    if (state_ != State::kIdle) return;
    state_ = State::kBusy;
  }
  End(CallGate::DrainStatus());
}

void EventStreamer::OnCancel() {
  {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (state_ != State::kIdle) return;
    state_ = State::kBusy;
  }
  End(absl::CancelledError("the client is gone"));
}

void EventStreamer::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("the client is gone"));
  Proceed();
}

void EventStreamer::OnDone() {
  deps_.feed->Remove(this);
  self_.reset();
}

bool EventStreamer::Acquire() {
  absl::MutexLock lock(&mutex_);
  if (state_ != State::kIdle) return false;
  state_ = State::kBusy;
  return true;
}

void EventStreamer::Proceed() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_ || must_end_) break;
    }
    if (until_.has_value() && cursor_ >= *until_) return End(absl::OkStatus());
    const absl::StatusOr<bool> filled = FillNext();
    if (!filled.ok()) return End(filled.status());
    if (*filled) return Send();
    if (Rest()) return;
  }
  // A cancelled call hears nothing of its status any more.
  End(CallGate::DrainStatus());
}

bool EventStreamer::Rest() {
  // The feed's number is set before it looks for idle streams, and the stream goes idle before it
  // looks at the number: one of the two sees the other, and no event is slept through.
  const uint64_t cursor = cursor_;
  {
    absl::MutexLock lock(&mutex_);
    if (must_end_ || cancelled_) return false;
    state_ = State::kIdle;
  }
  if (deps_.feed->last_ready() <= cursor) return true;
  // Not idle any more: somebody else took over.
  return !Acquire();
}

absl::StatusOr<bool> EventStreamer::FillNext() {
  EventMessage message(cursor_, until_);
  if (deps_.feed->last_ready() > cursor_) {
    const auto pages = deps_.feed->EventsAfter(cursor_);
    if (!pages.ok()) return pages.status();
    for (const EventWindow::Page& page : *pages) {
      if (!message.full()) message.Add(*page, filter_);
    }
  }
  cursor_ = message.cursor();
  // A full page that was filtered out is told too: the client sees the position move, and a long
  // search is done in bounded steps that a client can cancel.
  const bool heartbeat_is_due = absl::Now() - last_sent_ >= heartbeat_;
  if (!message.has_events() && !message.full() && !heartbeat_is_due) return false;
  message_ = message.Encode();
  return true;
}

void EventStreamer::Send() {
  last_sent_ = absl::Now();
  StartWrite(&message_);
}

void EventStreamer::End(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    state_ = State::kEnded;
  }
  if (!absl::IsOutOfRange(status)) return Finish(deps_.gate->End(kMethod, status));
  deps_.gate->End(kMethod, status);
  const std::string oldest = storage::EncodePosition(deps_.reader->OldestEvent() - 1);
  Finish(ToGrpcStatus(status, {{"oldest_position", oldest}}));
}

}  // namespace outdial::server
