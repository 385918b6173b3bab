#include "ami_gateway/asterisk_link.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

// What is handed to the socket at once: of this much nobody knows what arrived when the
// connection dies.
constexpr size_t kMaxBatchBytes = 16 * 1024;

}  // namespace

AsteriskLink::AsteriskLink(AmiSessionOptions options, ReconnectBackoff backoff, Sinks sinks)
    : options_(std::move(options)), backoff_(std::move(backoff)), sinks_(std::move(sinks)) {}

// ---- Inputs

void AsteriskLink::Command(const engine::NodeCommand& command, const engine::Now& now) {
  if (std::holds_alternative<engine::Resync>(command.command) && !told_connected_) {
    if (told_lost_.has_value()) {
      Tell({engine::NodeDisconnected{told_lost_->reason, told_lost_->refused}});
    }
    return;
  }
  const auto* originate = std::get_if<engine::Originate>(&command.command);
  if (!session_.has_value() || end_.has_value()) {
    if (originate != nullptr) Tell({engine::OriginateUnsent{originate->dialing}});
    return;
  }
  if (originate != nullptr && waiting_originates_ >= kMaxWaitingOriginates) {
    return Tell({engine::OriginateUnsent{originate->dialing}});
  }
  AmiSessionOutput output;
  session_->OnCommand(command, now, &output);
  Apply(std::move(output));
}

void AsteriskLink::OnConnected(const engine::Now& now) { session_.emplace(options_, now); }

void AsteriskLink::OnFrame(const AmiFrame& frame, const engine::Now& now) {
  AmiSessionOutput output;
  session_->OnFrame(frame, now, &output);
  Apply(std::move(output));
}

void AsteriskLink::OnTimer(const engine::Now& now) {
  if (write_deadline_ <= now.mono) {
    return End(
        absl::StrCat("the node read nothing for ", absl::FormatDuration(options_.answer_timeout)));
  }
  AmiSessionOutput output;
  session_->OnTimer(now, &output);
  Apply(std::move(output));
}

void AsteriskLink::OnClosed() { End(session_->PeerCloseReason()); }

void AsteriskLink::End(std::string reason, bool refused) {
  if (session_.has_value() && !end_.has_value()) end_ = AmiSessionEnd{std::move(reason), refused};
}

engine::MonotonicTime AsteriskLink::NextDeadline() const {
  return std::min(session_->NextDeadline(), write_deadline_);
}

// ---- Outputs

void AsteriskLink::Apply(AmiSessionOutput output) {
  for (AmiLogFact& fact : output.log) {
    if (sinks_.log) sinks_.log(std::move(fact));
  }
  for (AmiWrite& write : output.writes) Enqueue(std::move(write));
  for (AmiFact& fact : output.facts) Tell(std::move(fact));
  if (output.end.has_value()) End(std::move(output.end->reason), output.end->refused);
}

void AsteriskLink::Enqueue(AmiWrite write) {
  if (queue_.size() >= kMaxWaitingWrites) {
    if (write.originate.has_value()) Tell({engine::OriginateUnsent{*write.originate}});
    return End("the node reads too slowly");
  }
  if (write.originate.has_value()) ++waiting_originates_;
  queue_.push_back(std::move(write));
}

std::string AsteriskLink::TakeBatch(const engine::Now& now) {
  std::string batch;
  while (!queue_.empty() && batch.size() < kMaxBatchBytes) {
    if (queue_.front().originate.has_value()) --waiting_originates_;
    batch += queue_.front().bytes;
    queue_.pop_front();
  }
  write_deadline_ = now.mono + options_.answer_timeout;
  return batch;
}

absl::Duration AsteriskLink::OnLost(AmiSessionEnd end) {
  session_.reset();
  end_.reset();
  write_deadline_ = absl::InfiniteDuration();
  waiting_originates_ = 0;
  for (const AmiWrite& write : std::exchange(queue_, {})) {
    if (write.originate.has_value()) Tell({engine::OriginateUnsent{*write.originate}});
  }
  const bool refused = end.refused;
  TellLost(std::move(end));
  return backoff_.Next(refused);
}

void AsteriskLink::TellLost(AmiSessionEnd end) {
  // A node that stays away is told once, not at each attempt.
  if (!told_connected_ && told_lost_.has_value() && told_lost_->reason == end.reason &&
      told_lost_->refused == end.refused) {
    return;
  }
  told_connected_ = false;
  told_lost_ = std::move(end);
  Tell({engine::NodeDisconnected{told_lost_->reason, told_lost_->refused}});
}

void AsteriskLink::Tell(AmiFact fact) {
  if (std::holds_alternative<engine::NodeConnected>(fact.fact)) told_connected_ = true;
  if (std::holds_alternative<engine::NodeSynced>(fact.fact)) backoff_.Reset();
  sinks_.fact(std::move(fact));
}

}  // namespace outdial::ami
