// Keeps the connection to one Asterisk.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/ami_session.h"
#include "ami_gateway/ami_stream.h"
#include "ami_gateway/asterisk_link.h"
#include "ami_gateway/cdr_csv.h"
#include "engine/moment.h"
#include "engine/node_command.h"
#include "engine/node_event.h"
#include "engine/now.h"

namespace outdial::ami {

// The coroutines around AmiSession: they connect, read, write and wait, each with a deadline, and
// connect again for as long as they are let. Everything runs on the gateway's thread and nothing
// blocks it, so that one node holds up no other.
class AsteriskNode {
 public:
  // `options`, `on_events` and `log` must outlive the node.
  AsteriskNode(boost::asio::any_io_executor executor, NodeAddress address,
               const GatewayOptions& options, uint64_t seed, const NodeEventSink& on_events,
               const GatewayLog& log);

  // Ends only after Stop.
  boost::asio::awaitable<void> Run();

  void Command(const engine::NodeCommand& command);

  // Closes the connection; Run returns soon after.
  void Stop();

 private:
  boost::asio::awaitable<AmiSessionEnd> Serve();
  boost::asio::awaitable<std::optional<AmiSessionEnd>> Connect();
  boost::asio::awaitable<void> ReadLoop();
  boost::asio::awaitable<void> WriteLoop();
  boost::asio::awaitable<void> TimerLoop();
  boost::asio::awaitable<void> Sleep(absl::Duration duration);

  AmiSessionOptions SessionOptions() const;
  engine::Now ReadNow() const;
  // To be called after the link took a step, or several at once: tells what they found, and wakes
  // the loops that have something to do since; all of them when the connection is to be closed.
  void Wake();
  // Notes what is to be told.
  void Tell(AmiFact fact);
  // Tells what was noted: at once, since each telling takes a lock and wakes a thread.
  void TellNoted();
  // Moves the moments of noted facts from this machine's clock, which the session lives by, to the
  // engine's.
  void SetEngineClock();
  // What the node recorded of calls that ended unseen: before a list of channels is complete,
  // which they are missing in.
  void TellRecords();
  void Log(const std::string& level, const std::string& name,
           std::vector<std::pair<std::string, std::string>> fields) const;

  const boost::asio::any_io_executor executor_;
  const NodeAddress address_;
  const GatewayOptions& options_;
  const NodeEventSink& on_events_;
  const GatewayLog& log_;
  AsteriskLink link_;
  std::optional<CdrCsv> cdr_csv_;
  bool cdr_csv_failed_ = false;  // and that was logged
  bool stopped_ = false;
  std::vector<engine::NodeEvent> noted_;

  // Of the present connection.
  std::optional<AmiStream> stream_;
  engine::MonotonicTime armed_ = absl::InfiniteDuration();  // what deadline_timer_ waits for

  boost::asio::steady_timer sleep_timer_;     // connecting, and the pause between attempts
  boost::asio::steady_timer deadline_timer_;  // of the link
  boost::asio::steady_timer write_wake_;      // never expires; cancelled when there is work
};

}  // namespace outdial::ami
