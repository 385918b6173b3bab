// This end of the connection to one Asterisk, without the socket.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_session.h"
#include "ami_gateway/reconnect_backoff.h"
#include "engine/node_command.h"
#include "engine/node_event.h"
#include "engine/now.h"

namespace outdial::ami {

// One connection after the other: holds the session, what waits for the socket, and what the engine
// was told of connects and losses. Its owner connects, reads, writes and waits; the simulation
// drives the very same link under a virtual clock. Belongs to one thread.
//
//   OnConnected -> OnFrame, OnTimer, Command, TakeBatch ... until end() -> OnLost -> OnConnected
//
// An Originate leaves at most once: what TakeBatch gave is the socket's, and is never given again;
// what waits here when the connection dies is told as OriginateUnsent, and is gone.
class AsteriskLink {
 public:
  // Called by each of the functions below; must not call back.
  struct Sinks {
    std::function<void(AmiFact)> fact;
    std::function<void(AmiLogFact)> log;  // may be empty
  };

  // Originates that wait for the socket; one more is answered by OriginateUnsent.
  static constexpr size_t kMaxWaitingOriginates = 1000;
  // Writes of any kind that wait for the socket; one more ends the connection.
  static constexpr size_t kMaxWaitingWrites = 10000;

  AsteriskLink(AmiSessionOptions options, ReconnectBackoff backoff, Sinks sinks);

  // Without a connection an Originate is answered by OriginateUnsent, and the rest is dropped: the
  // engine asks for all of it once the node is back.
  void Command(const engine::NodeCommand& command, const engine::Now& now);

  // A connection was made.
  void OnConnected(const engine::Now& now);
  void OnFrame(const AmiFrame& frame, const engine::Now& now);
  // NextDeadline has come, or not yet: then nothing happens.
  void OnTimer(const engine::Now& now);
  // The peer closed the connection, or it broke.
  void OnClosed();
  // The connection must be closed; the first reason counts. Without a connection nothing happens.
  void End(std::string reason, bool refused = false);

  // Between OnConnected and OnLost.
  bool connected() const { return session_.has_value(); }
  // Set: the connection is to be closed, and OnLost told.
  const std::optional<AmiSessionEnd>& end() const { return end_; }
  // When OnTimer is next due. While connected().
  engine::MonotonicTime NextDeadline() const;

  bool has_writes() const { return !queue_.empty(); }
  size_t waiting_originates() const { return waiting_originates_; }
  // What is to be handed to the socket at once; one at a time, OnWritten when it has taken it. A
  // socket that takes nothing for answer_timeout ends the connection.
  std::string TakeBatch(const engine::Now& now);
  void OnWritten() { write_deadline_ = absl::InfiniteDuration(); }

  // The connection is closed, or could not be made: the pause before the next one, in real time.
  absl::Duration OnLost(AmiSessionEnd end);

 private:
  // Does what a step of the session asks for.
  void Apply(AmiSessionOutput output);
  void Enqueue(AmiWrite write);
  void TellLost(AmiSessionEnd end);
  void Tell(AmiFact fact);

  const AmiSessionOptions options_;
  ReconnectBackoff backoff_;
  Sinks sinks_;

  // Of the present connection.
  std::optional<AmiSession> session_;
  std::optional<AmiSessionEnd> end_;
  std::deque<AmiWrite> queue_;  // not handed to the socket
  size_t waiting_originates_ = 0;
  engine::MonotonicTime write_deadline_ = absl::InfiniteDuration();

  bool told_connected_ = false;
  std::optional<AmiSessionEnd> told_lost_;  // what NodeDisconnected said last
};

}  // namespace outdial::ami
