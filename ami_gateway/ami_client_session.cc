#include "ami_gateway/ami_client_session.h"

#include <utility>

#include "ami_gateway/ami_client_mode.h"
#include "ami_gateway/ami_standalone_mode.h"
#include "ami_gateway/ami_transparent_mode.h"

namespace outdial::ami {
namespace {

std::unique_ptr<AmiClientMode> MakeMode(AmiClientOptions options, const engine::Now& now) {
  if (!options.users.empty()) {
    return std::make_unique<AmiStandaloneMode>(std::move(options), now);
  }
  return std::make_unique<AmiTransparentMode>(std::move(options), now);
}

// Does the step, unless the session has ended.
template <typename Step>
AmiClientOutput Do(bool* closed, const Step& step) {
  AmiClientOutput out;
  if (*closed) return out;
  step(&out);
  *closed = out.close.has_value();
  return out;
}

}  // namespace

AmiClientSession::AmiClientSession(AmiClientOptions options, const engine::Now& now)
    : mode_(MakeMode(std::move(options), now)) {}

AmiClientSession::~AmiClientSession() = default;

AmiClientOutput AmiClientSession::Start(const engine::Now& now) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->Start(now, out); });
}

AmiClientOutput AmiClientSession::OnClientBytes(absl::string_view bytes, const engine::Now& now) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->OnClientBytes(bytes, now, out); });
}

AmiClientOutput AmiClientSession::OnNodeConnected(const engine::Now& now) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->OnNodeConnected(now, out); });
}

AmiClientOutput AmiClientSession::OnNodeBytes(absl::string_view bytes, const engine::Now& now) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->OnNodeBytes(bytes, now, out); });
}

AmiClientOutput AmiClientSession::OnNodeLost(const engine::Now& now) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->OnNodeLost(now, out); });
}

AmiClientOutput AmiClientSession::OnCallBytes(absl::string_view bytes, bool complete,
                                              const engine::Now& now) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->OnCallBytes(bytes, complete, now, out); });
}

AmiClientOutput AmiClientSession::OnOutEvent(absl::string_view bytes, const engine::Now&) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->OnOutEvent(bytes, out); });
}

AmiClientOutput AmiClientSession::OnTime(const engine::Now& now) {
  return Do(&closed_, [&](AmiClientOutput* out) { mode_->OnTime(now, out); });
}

engine::MonotonicTime AmiClientSession::NextDeadline() const {
  return closed_ ? absl::InfiniteDuration() : mode_->NextDeadline();
}

bool AmiClientSession::wants_client_bytes() const {
  return !closed_ && mode_->wants_client_bytes();
}

bool AmiClientSession::wants_out_events() const { return !closed_ && mode_->wants_out_events(); }

bool AmiClientSession::logged_in() const { return mode_->logged_in(); }

size_t AmiClientSession::waiting_bytes() const { return mode_->waiting_bytes(); }

}  // namespace outdial::ami
