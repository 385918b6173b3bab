#include "server/control_plane.h"

#include <utility>

#include "engine/errors.h"

namespace outdial::server {

void ControlPlane::Post(engine::Action action, Done done) {
  engine::Ticket ticket = 0;
  absl::Status closed;
  {
    absl::MutexLock lock(&mutex_);
    closed = closed_;
    if (closed.ok()) {
      ticket = ++last_ticket_;
      waiting_.emplace(ticket, std::move(done));
    }
  }
  // NOLINTNEXTLINE(bugprone-use-after-move): moved only where not closed
  if (!closed.ok()) return done(closed);
  if (inbox_->PostAction({ticket, std::move(action)})) return;
  Deliver({ticket, engine::ResourceExhausted(engine::Reason::kLimitReached,
                                             "too many requests wait; try again later")});
}

void ControlPlane::Deliver(engine::Reply reply) {
  if (Done done = TakeWaiting(reply.ticket)) done(std::move(reply.result));
}

void ControlPlane::Close(const absl::Status& why) {
  absl::flat_hash_map<engine::Ticket, Done> waiting;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = why;
    waiting.swap(waiting_);
  }
  for (auto& [ticket, done] : waiting) done(why);
}

ControlPlane::Done ControlPlane::TakeWaiting(engine::Ticket ticket) {
  absl::MutexLock lock(&mutex_);
  const auto found = waiting_.find(ticket);
  if (found == waiting_.end()) return nullptr;
  Done done = std::move(found->second);
  waiting_.erase(found);
  return done;
}

}  // namespace outdial::server
