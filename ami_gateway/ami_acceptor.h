// Takes in connections on one address.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/log_throttle.h"

namespace outdial::ami {

// Belongs to the thread of its context.
class AmiAcceptor {
 public:
  using OnAccept = std::function<void(boost::asio::ip::tcp::socket socket)>;

  AmiAcceptor(boost::asio::io_context* io, OnAccept on_accept, GatewayLog log);

  // `port` 0: any free one. UNAVAILABLE: the address can't be had.
  absl::Status Listen(const std::string& host, uint16_t port);
  // That is listened on, after Listen.
  uint16_t port() const { return port_; }

  // Begins to accept; goes on until Stop, whatever happens: while the process has no descriptors
  // left, a failing accept is tried again ten times a second.
  void Start();
  void Stop();

 private:
  boost::asio::awaitable<void> Run();
  void LogFailure(const std::string& why);

  boost::asio::io_context* const io_;
  const OnAccept on_accept_;
  const GatewayLog log_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  LogThrottle throttle_{absl::Seconds(10)};
  uint16_t port_ = 0;
  bool stopped_ = false;
};

}  // namespace outdial::ami
