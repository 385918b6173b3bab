#include "ami_gateway/sim_sessions.h"

#include <utility>

namespace outdial::ami {
namespace {

// How long a reordered event waits to be overtaken.
constexpr absl::Duration kMaxHold = absl::Milliseconds(50);

SimClose DrawClose(SimRandom& random) {
  switch (random.Below(3)) {
    case 0:
      return SimClose::kFin;
    case 1:
      return SimClose::kRst;
    default:
      return SimClose::kMidMessage;
  }
}

}  // namespace

void SimSessions::Open(SimSessionId id) {
  sessions_[id].id = id;
  outputs_.push_back({.kind = SimOutput::Kind::kBanner, .session = id});
}

SimSession* SimSessions::Find(SimSessionId id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

size_t SimSessions::unauthenticated() const {
  size_t count = 0;
  for (const auto& [id, session] : sessions_) count += session.user == nullptr ? 1 : 0;
  return count;
}

void SimSessions::Send(SimSessionId id, AmiMessage message) {
  outputs_.push_back({.kind = SimOutput::Kind::kMessage,
                      .session = id,
                      .message = std::make_shared<const AmiMessage>(std::move(message))});
}

bool SimSessions::AnyReads(AmiClasses event_class) const {
  for (const auto& [id, session] : sessions_) {
    if (session.Reads(event_class)) return true;
  }
  return false;
}

void SimSessions::Publish(AmiClasses event_class, AmiMessage event) {
  const auto shared = std::make_shared<const AmiMessage>(std::move(event));
  std::vector<SimSessionId> dropped;
  for (auto& [id, session] : sessions_) {
    if (!session.Reads(event_class) || !session.filters.Passes(*shared)) continue;
    if (session.user->spared) {
      Emit(session, shared);
      continue;
    }
    Deliver(session, shared);
    if (random_.Chance(faults_.drop_connection)) dropped.push_back(id);
  }
  for (const SimSessionId id : dropped) Close(id, DrawClose(random_));
}

void SimSessions::Deliver(SimSession& session, const Shared& event) {
  if (random_.Chance(faults_.lose_event)) return;
  if (random_.Chance(faults_.delay_event)) {
    const absl::Duration delay = random_.Unit() * faults_.max_event_delay;
    schedule_->At(now_->mono + delay, [this, id = session.id, event] {
      if (SimSession* later = Find(id)) Emit(*later, event);
    });
    return;
  }
  if (session.held == nullptr && random_.Chance(faults_.reorder_event)) {
    Hold(session, event);
    return;
  }
  Emit(session, event);
  if (random_.Chance(faults_.duplicate_event)) Emit(session, event);
}

void SimSessions::Emit(SimSession& session, const Shared& event) {
  outputs_.push_back({.kind = SimOutput::Kind::kMessage, .session = session.id, .message = event});
  if (session.held == nullptr) return;
  outputs_.push_back({.kind = SimOutput::Kind::kMessage,
                      .session = session.id,
                      .message = std::exchange(session.held, nullptr)});
}

void SimSessions::Hold(SimSession& session, const Shared& event) {
  session.held = event;
  session.held_number = next_held_++;
  schedule_->At(now_->mono + kMaxHold, [this, id = session.id, number = session.held_number] {
    SimSession* later = Find(id);
    if (later == nullptr || later->held == nullptr || later->held_number != number) return;
    Emit(*later, std::exchange(later->held, nullptr));
  });
}

void SimSessions::Close(SimSessionId id, SimClose how) {
  if (sessions_.erase(id) == 0) return;
  outputs_.push_back({.kind = SimOutput::Kind::kClose, .session = id, .close = how});
}

void SimSessions::CloseAll(SimClose how) {
  while (!sessions_.empty()) Close(sessions_.begin()->first, how);
}

void SimSessions::Drop(SimClose how) {
  std::vector<SimSessionId> dropped;
  for (const auto& [id, session] : sessions_) {
    if (session.user == nullptr || !session.user->spared) dropped.push_back(id);
  }
  for (const SimSessionId id : dropped) Close(id, how);
}

void SimSessions::SetListening(bool listening) {
  outputs_.push_back(
      {.kind = listening ? SimOutput::Kind::kListen : SimOutput::Kind::kStopListening});
}

std::vector<SimOutput> SimSessions::TakeOutputs() { return std::exchange(outputs_, {}); }

}  // namespace outdial::ami
