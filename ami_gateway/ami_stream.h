// A TCP connection to one peer, with or without TLS.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "ami_gateway/ami_gateway.h"

namespace outdial::ami {

// Serves one connection, then is thrown away. Belongs to the thread of its executor. Nothing here
// has a deadline: the caller races a timer, and Close ends whatever is under way.
class AmiStream {
 public:
  using ErrorCode = boost::system::error_code;

  AmiStream(const boost::asio::any_io_executor& executor, TlsOptions tls);

  // Resolves and connects; with TLS shakes hands and, if so set, verifies certificate and name.
  // UNAVAILABLE: not now. UNAUTHENTICATED: the certificate is not trusted. INVALID_ARGUMENT: the
  // file of trusted certificates can't be read.
  boost::asio::awaitable<absl::Status> Connect(std::string host, uint16_t port);

  // Some bytes, at least one unless there is an error.
  boost::asio::awaitable<std::pair<ErrorCode, size_t>> Read(boost::asio::mutable_buffer buffer);

  // All of the bytes, which are whole lines, unless there is an error: then nobody knows how many.
  boost::asio::awaitable<ErrorCode> Write(boost::asio::const_buffer bytes);

  void Close();

 private:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  boost::asio::awaitable<std::pair<ErrorCode, Endpoints>> Resolve(std::string host, uint16_t port);
  boost::asio::awaitable<absl::Status> StartTls(std::string host);

  const TlsOptions tls_options_;
  boost::asio::ip::tcp::socket socket_;
  // A name is looked up on a thread of its own: the look-up blocks, and a name server that doesn't
  // answer must hold up this connection only.
  std::optional<boost::asio::thread_pool> resolver_thread_;
  std::optional<boost::asio::ssl::context> tls_context_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

}  // namespace outdial::ami
