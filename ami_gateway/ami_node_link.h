// The connection to an Asterisk node that one AMI client has for itself.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/ami_stream.h"
#include "ami_gateway/ami_stream_writer.h"
#include "engine/now.h"

namespace outdial::ami {

struct AmiNodeLinkOptions {
  std::vector<NodeAddress> candidates;  // tried in this order
  absl::Duration connect_timeout;       // of each
  absl::Duration write_timeout;         // a node that takes nothing for so long is lost
};

// Carries bytes, knows nothing of what they mean. Its owner runs the coroutines and calls OnTime
// when deadline() is over. Belongs to one thread.
class AmiNodeLink {
 public:
  struct Callbacks {
    std::function<void()> on_connected;  // Write is to be run now
    std::function<void(absl::string_view bytes)> on_bytes;
    std::function<void()> on_progress;  // some of what waited was written
    std::function<void()> on_lost;      // at most once, never after Stop; why() tells more
  };

  AmiNodeLink(const boost::asio::any_io_executor& executor, boost::asio::thread_pool* resolver_pool,
              AmiNodeLinkOptions options, Callbacks callbacks);

  // Connects, then reads until the end. Once.
  boost::asio::awaitable<void> Run();
  // Writes until the end. Once.
  boost::asio::awaitable<void> Write();

  void Send(absl::string_view bytes);
  // Leaves what the node says in its socket for now, or not any more.
  void Pause(bool paused);
  // Nothing more will be sent: the node is told once all is written, and closes in its turn.
  void FinishWriting();
  void Stop();
  void OnTime(engine::MonotonicTime now);

  size_t waiting_bytes() const { return writer_.has_value() ? writer_->waiting_bytes() : 0; }
  engine::MonotonicTime deadline() const;
  // The node that this is or was connected to; empty before.
  const std::string& node() const { return node_; }
  // Why there is no connection, after on_lost.
  const std::string& why() const { return why_; }

 private:
  boost::asio::awaitable<bool> Connect();
  boost::asio::awaitable<void> Read();
  void Lose(std::string why);

  const boost::asio::any_io_executor executor_;
  boost::asio::thread_pool* const resolver_pool_;
  const AmiNodeLinkOptions options_;
  const Callbacks callbacks_;
  std::optional<AmiStream> stream_;
  std::optional<AmiStreamWriter> writer_;
  bool paused_ = false;
  boost::asio::steady_timer read_wake_;  // never expires; cancelled when there is something to do
  engine::MonotonicTime connect_deadline_ = absl::InfiniteDuration();
  bool ended_ = false;
  std::string node_;
  std::string why_ = "no node is configured";
};

}  // namespace outdial::ami
