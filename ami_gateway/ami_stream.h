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

  // To be connected. Names are looked up on `resolver_pool`, which must outlive the stream; without
  // one on a thread of its own, for whose look-up the destructor waits.
  AmiStream(const boost::asio::any_io_executor& executor, TlsOptions tls,
            boost::asio::thread_pool* resolver_pool = nullptr);

  // One that a listener accepted. With `tls`, a server's context that must outlive the stream,
  // Handshake comes next. Throws boost::system::system_error: OpenSSL has no memory.
  AmiStream(boost::asio::ip::tcp::socket accepted, boost::asio::ssl::context* tls);

  // Resolves and connects; with TLS shakes hands and, if so set, verifies certificate and name.
  // UNAVAILABLE: not now. UNAUTHENTICATED: the certificate is not trusted. INVALID_ARGUMENT: the
  // file of trusted certificates can't be read.
  boost::asio::awaitable<absl::Status> Connect(std::string host, uint16_t port);

  // The server's side of TLS; nothing without it. UNAVAILABLE: the peer does not go along.
  boost::asio::awaitable<absl::Status> Handshake();

  // Some bytes, at least one unless there is an error.
  boost::asio::awaitable<std::pair<ErrorCode, size_t>> Read(boost::asio::mutable_buffer buffer);

  // All of the bytes, which are whole lines, unless there is an error: then nobody knows how many.
  boost::asio::awaitable<ErrorCode> Write(boost::asio::const_buffer bytes);

  // Some of the bytes, at least one unless there is an error.
  boost::asio::awaitable<std::pair<ErrorCode, size_t>> WriteSome(boost::asio::const_buffer bytes);

  // Tells the peer that nothing more comes. Reading goes on.
  boost::asio::awaitable<void> FinishWriting();

  // A look-up that has begun goes on to its end; one that waits for its turn does not.
  void Close();
  // Closes and throws away what the peer has not taken yet.
  void Abort();

 private:
  using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

  boost::asio::awaitable<std::pair<ErrorCode, Endpoints>> Resolve(std::string host, uint16_t port);
  boost::asio::awaitable<absl::Status> StartTls(std::string host);

  const TlsOptions tls_options_;
  const bool accepted_ = false;
  bool closed_ = false;
  boost::asio::ip::tcp::socket socket_;
  // A name is looked up on a thread of its own: the look-up blocks, and a name server that doesn't
  // answer must hold up this connection only.
  boost::asio::thread_pool* resolver_pool_ = nullptr;
  std::optional<boost::asio::thread_pool> resolver_thread_;
  std::optional<boost::asio::ip::tcp::resolver> resolver_;
  std::optional<boost::asio::ssl::context> tls_context_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

}  // namespace outdial::ami
