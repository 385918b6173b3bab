#include "ami_gateway/ami_acceptor.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ami_gateway/exception_text.h"
#include "ami_gateway/system_now.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(100);

}  // namespace

AmiAcceptor::AmiAcceptor(asio::io_context* io, OnAccept on_accept, GatewayLog log)
    : io_(io),
      on_accept_(std::move(on_accept)),
      log_(std::move(log)),
      acceptor_(*io),
      pause_(*io) {}

absl::Status AmiAcceptor::Listen(const std::string& host, uint16_t port) {
  ErrorCode error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error) return absl::UnavailableError(absl::StrCat("'", host, "' is no IP address"));
  const tcp::endpoint endpoint(address, port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (!error) return absl::OkStatus();
  std::ostringstream message;
  message << "can't listen on " << endpoint << ": " << error.message();
  return absl::UnavailableError(message.str());
}

void AmiAcceptor::Start() {
  asio::co_spawn(*io_, Run(), [this](const std::exception_ptr& thrown) {
    if (!thrown) return;
    // One connection could not be taken in; the next ones may.
    LogFailure(ExceptionText(thrown));
    Start();
  });
}

void AmiAcceptor::Stop() {
  stopped_ = true;
  ErrorCode ignored;  // it is gone either way
  acceptor_.close(ignored);
  pause_.cancel();
}

asio::awaitable<void> AmiAcceptor::Run() {
  while (!stopped_) {
    auto [error, socket] = co_await acceptor_.async_accept(kAwait);
    if (stopped_) co_return;
    if (!error) {
      on_accept_(std::move(socket));
      continue;
    }
    LogFailure(error.message());
    pause_.expires_after(kPauseAfterFailure);
    co_await pause_.async_wait(kAwait);
  }
}

void AmiAcceptor::LogFailure(const std::string& why) {
  const std::optional<uint64_t> left_out = throttle_.Pass(MonotonicNow());
  if (!left_out.has_value()) return;
  log_("error", "ami_accept_failed",
       {{"port", absl::StrCat(port_)}, {"why", why}, {"left_out", absl::StrCat(*left_out)}});
}

}  // namespace outdial::ami
