// Drives an AmiClientSession by script: bytes in, bytes out.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_client_session.h"
#include "engine/now.h"

namespace outdial::ami {

// What the session gave is gathered until it is taken.
class ClientScript {
 public:
  explicit ClientScript(AmiClientOptions options) : session_(std::move(options), now_) {
    Gather(session_.Start(now_));
  }

  void Client(absl::string_view bytes) { Gather(session_.OnClientBytes(bytes, now_)); }
  void Node(absl::string_view bytes) { Gather(session_.OnNodeBytes(bytes, now_)); }
  void NodeConnected() { Gather(session_.OnNodeConnected(now_)); }
  void NodeLost() { Gather(session_.OnNodeLost(now_)); }
  void Call(absl::string_view bytes, bool complete) {
    Gather(session_.OnCallBytes(bytes, complete, now_));
  }
  void OutEvent(absl::string_view bytes) { Gather(session_.OnOutEvent(bytes, now_)); }
  void Wait(absl::Duration duration) {
    now_.mono += duration;
    now_.wall += duration;
    Gather(session_.OnTime(now_));
  }

  std::string TakeToClient() { return std::exchange(gathered_.to_client, ""); }
  std::string TakeToNode() { return std::exchange(gathered_.to_node, ""); }
  bool TakeConnect() { return std::exchange(gathered_.connect_node, false); }
  // The name of the action that is called; empty: none is.
  std::string TakeCall() {
    const std::optional<OutCall> call = std::exchange(gathered_.call, std::nullopt);
    return call.has_value() ? std::string(call->action->name) : "";
  }
  const AmiClientOutput& gathered() const { return gathered_; }
  const AmiClientSession& session() const { return session_; }
  const engine::Now& now() const { return now_; }

 private:
  void Gather(AmiClientOutput out) {
    gathered_.to_client += out.to_client;
    gathered_.to_node += out.to_node;
    gathered_.connect_node |= out.connect_node;
    if (out.login_failed.has_value()) gathered_.login_failed = out.login_failed;
    if (out.learned_banner.has_value()) gathered_.learned_banner = out.learned_banner;
    if (out.call.has_value()) gathered_.call = std::move(out.call);
    if (out.logged_in.has_value()) gathered_.logged_in = out.logged_in;
    if (out.close.has_value()) gathered_.close = out.close;
  }

  engine::Now now_{absl::Seconds(1000), absl::FromUnixMicros(1795373816267582)};
  AmiClientSession session_;
  AmiClientOutput gathered_;
};

}  // namespace outdial::ami
