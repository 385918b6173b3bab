// One connection from Asterisk's AGI application, from its request to the last variable.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/agi_request.h"

namespace outdial::ami {

// Belongs to the thread of its socket's executor. Each wait ends after `timeout`; not OK of any
// kind: the connection is of no more use.
class AgiConnection {
 public:
  AgiConnection(boost::asio::ip::tcp::socket socket, absl::Duration timeout);

  // The lines of the request, as ParseAgiRequest takes them. RESOURCE_EXHAUSTED: they are too long.
  boost::asio::awaitable<absl::StatusOr<std::string>> ReadRequest();

  // Sets a channel variable, and waits until Asterisk has done so.
  boost::asio::awaitable<absl::Status> SetVariable(std::string name, std::string value);

  // Ends whatever is under way.
  void Close();

 private:
  // What comes next, up to `delimiter` and without it.
  boost::asio::awaitable<absl::StatusOr<std::string>> ReadUntil(std::string delimiter);
  boost::asio::awaitable<absl::Status> Write(std::string bytes);

  const absl::Duration timeout_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;
  std::string received_;  // and not taken yet
};

}  // namespace outdial::ami
