#include "ami_gateway/agi_connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/agi_command.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::experimental::awaitable_operators::operator||;
using ErrorCode = boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// Between a command and its answer: Asterisk tells of a hangup once.
constexpr int kMaxNotices = 1;

absl::Status ReadProblem(const ErrorCode& error) {
  if (error == asio::error::not_found) {
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", kMaxAgiRequestBytes, " bytes without an end"));
  }
  if (error == asio::error::eof) return absl::UnavailableError("the other side closed");
  return absl::UnavailableError(error.message());
}

}  // namespace

AgiConnection::AgiConnection(asio::ip::tcp::socket socket, absl::Duration timeout)
    : timeout_(timeout), socket_(std::move(socket)), deadline_(socket_.get_executor()) {}

awaitable<absl::StatusOr<std::string>> AgiConnection::ReadRequest() {
  co_return co_await ReadUntil("\n\n");
}

awaitable<absl::Status> AgiConnection::SetVariable(std::string name, std::string value) {
  if (absl::Status written = co_await Write(SetVariableCommand(name, value)); !written.ok()) {
    co_return written;
  }
  for (int lines = 0; lines <= kMaxNotices; ++lines) {
    const absl::StatusOr<std::string> line = co_await ReadUntil("\n");
    if (!line.ok()) co_return line.status();
    switch (ReadAgiReply(*line)) {
      case AgiReply::kDone:
        co_return absl::OkStatus();
      case AgiReply::kRefused:
        co_return absl::FailedPreconditionError(
            absl::StrCat("Asterisk does not set ", name, ": ", line->substr(0, 100)));
      case AgiReply::kNotice:
        break;
    }
  }
  co_return absl::FailedPreconditionError("Asterisk answers everything but the command");
}

void AgiConnection::Close() {
  ErrorCode ignored;  // it is gone either way
  socket_.close(ignored);
}

awaitable<absl::StatusOr<std::string>> AgiConnection::ReadUntil(std::string delimiter) {
  deadline_.expires_after(absl::ToChronoNanoseconds(timeout_));
  const auto first = co_await (
      asio::async_read_until(socket_, asio::dynamic_buffer(received_, kMaxAgiRequestBytes),
                             delimiter, kAwait) ||
      deadline_.async_wait(kAwait));
  if (first.index() == 1) {
    co_return absl::DeadlineExceededError(
        absl::StrCat("nothing complete came within ", absl::FormatDuration(timeout_)));
  }
  const auto [error, size] = std::get<0>(first);
  if (error) co_return ReadProblem(error);
  std::string taken = received_.substr(0, size - delimiter.size());
  received_.erase(0, size);
  co_return taken;
}

awaitable<absl::Status> AgiConnection::Write(std::string bytes) {
  deadline_.expires_after(absl::ToChronoNanoseconds(timeout_));
  const auto first = co_await (asio::async_write(socket_, asio::buffer(bytes), kAwait) ||
                               deadline_.async_wait(kAwait));
  if (first.index() == 1) {
    co_return absl::DeadlineExceededError(
        absl::StrCat("nothing was read within ", absl::FormatDuration(timeout_)));
  }
  const auto [error, size] = std::get<0>(first);
  if (error) co_return absl::UnavailableError(error.message());
  co_return absl::OkStatus();
}

}  // namespace outdial::ami
