#include "ami_gateway/ami_stream.h"

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using ErrorCode = AmiStream::ErrorCode;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Asterisk 22 reads up to 1024 bytes at a time and then waits for the socket: what is left of a
// larger TLS record stays in its TLS layer, unseen until more arrives. So each record holds whole
// lines only, and no more of them than one such read takes.
constexpr size_t kMaxRecordBytes = 1024;

// The bytes at the start of `bytes` that make the next record. A line of an action always fits.
size_t RecordBytes(absl::string_view bytes) {
  if (bytes.size() <= kMaxRecordBytes) return bytes.size();
  const size_t line_end = bytes.substr(0, kMaxRecordBytes).rfind('\n');
  return line_end == absl::string_view::npos ? kMaxRecordBytes : line_end + 1;
}

void SetSocketOptions(tcp::socket* socket) {
  ErrorCode ignored;  // both only make things better
  socket->set_option(tcp::no_delay(true), ignored);
  socket->set_option(asio::socket_base::keep_alive(true), ignored);
}

absl::Status Unavailable(absl::string_view what, const ErrorCode& error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", error.message()));
}

}  // namespace

AmiStream::AmiStream(const asio::any_io_executor& executor, TlsOptions tls,
                     asio::thread_pool* resolver_pool)
    : tls_options_(std::move(tls)), socket_(executor), resolver_pool_(resolver_pool) {}

AmiStream::AmiStream(tcp::socket accepted, asio::ssl::context* tls)
    : accepted_(true), socket_(std::move(accepted)) {
  SetSocketOptions(&socket_);
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

awaitable<absl::Status> AmiStream::Connect(std::string host, uint16_t port) {
  const auto [unresolved, endpoints] = co_await Resolve(host, port);
  if (unresolved) co_return Unavailable(absl::StrCat("can't resolve ", host), unresolved);
  // Connecting opens the socket again.
  if (closed_) co_return absl::UnavailableError("closed");
  const auto [unconnected, endpoint] = co_await asio::async_connect(socket_, endpoints, kAwait);
  if (unconnected) co_return Unavailable(absl::StrCat("can't connect to ", host), unconnected);
  SetSocketOptions(&socket_);
  if (!tls_options_.enabled) co_return absl::OkStatus();
  co_return co_await StartTls(host);
}

awaitable<std::pair<ErrorCode, AmiStream::Endpoints>> AmiStream::Resolve(std::string host,
                                                                         uint16_t port) {
  ErrorCode not_numeric;
  const asio::ip::address address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) co_return std::pair(ErrorCode(), Endpoints{tcp::endpoint(address, port)});

  if (resolver_pool_ == nullptr) resolver_pool_ = &resolver_thread_.emplace(1);
  resolver_.emplace(*resolver_pool_);
  const auto [error, results] = co_await resolver_->async_resolve(host, absl::StrCat(port), kAwait);
  Endpoints endpoints;
  for (const auto& result : results) endpoints.push_back(result.endpoint());
  co_return std::pair(error, std::move(endpoints));
}

awaitable<absl::Status> AmiStream::StartTls(std::string host) {
  ErrorCode error;
  tls_context_.emplace(asio::ssl::context::tls_client);
  if (!tls_options_.ca_file.empty()) {
    tls_context_->load_verify_file(tls_options_.ca_file, error);
  } else {
    tls_context_->set_default_verify_paths(error);
  }
  if (error) {
    co_return absl::InvalidArgumentError(
        absl::StrCat("can't read trusted certificates: ", error.message()));
  }
  tls_.emplace(socket_, *tls_context_);
  if (tls_options_.verify) {
    tls_->set_verify_mode(asio::ssl::verify_peer);
    tls_->set_verify_callback(asio::ssl::host_name_verification(host));
  } else {
    tls_->set_verify_mode(asio::ssl::verify_none);
  }
  ErrorCode not_numeric;
  asio::ip::make_address(host, not_numeric);
  if (not_numeric) {  // server name indication knows names only
    SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
  }

  const auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, kAwait);
  if (!failed) co_return absl::OkStatus();
  if (SSL_get_verify_result(tls_->native_handle()) != X509_V_OK) {
    co_return absl::UnauthenticatedError(
        absl::StrCat("the certificate of ", host, " is not trusted: ", failed.message()));
  }
  co_return Unavailable("TLS handshake failed", failed);
}

awaitable<std::pair<ErrorCode, size_t>> AmiStream::Read(asio::mutable_buffer buffer) {
  if (tls_.has_value()) {
    const auto [error, size] = co_await tls_->async_read_some(buffer, kAwait);
    co_return std::pair(error, size);
  }
  const auto [error, size] = co_await socket_.async_read_some(buffer, kAwait);
  co_return std::pair(error, size);
}

awaitable<absl::Status> AmiStream::Handshake() {
  if (!tls_.has_value()) co_return absl::OkStatus();
  const auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kAwait);
  co_return failed ? Unavailable("TLS handshake failed", failed) : absl::OkStatus();
}

awaitable<ErrorCode> AmiStream::Write(asio::const_buffer bytes) {
  while (bytes.size() > 0) {
    const auto [error, size] = co_await WriteSome(bytes);
    if (error) co_return error;
    bytes += size;
  }
  co_return ErrorCode();
}

awaitable<std::pair<ErrorCode, size_t>> AmiStream::WriteSome(asio::const_buffer bytes) {
  if (!tls_.has_value()) {
    const auto [error, size] = co_await socket_.async_write_some(bytes, kAwait);
    co_return std::pair(error, size);
  }
  if (!accepted_) {
    const absl::string_view text(static_cast<const char*>(bytes.data()), bytes.size());
    bytes = asio::buffer(bytes, RecordBytes(text));
  }
  const auto [error, size] = co_await tls_->async_write_some(bytes, kAwait);
  co_return std::pair(error, size);
}

awaitable<void> AmiStream::FinishWriting() {
  if (tls_.has_value()) co_await tls_->async_shutdown(kAwait);
  ErrorCode ignored;  // the peer may be gone
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void AmiStream::Close() {
  closed_ = true;
  if (resolver_.has_value()) resolver_->cancel();
  ErrorCode ignored;  // it is gone either way
  socket_.close(ignored);
}

void AmiStream::Abort() {
  ErrorCode ignored;  // closing does the rest
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  Close();
}

}  // namespace outdial::ami
