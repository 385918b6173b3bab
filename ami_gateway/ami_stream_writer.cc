#include "ami_gateway/ami_stream_writer.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "ami_gateway/system_now.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using ErrorCode = AmiStream::ErrorCode;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// A buffer that grew beyond this is given back once it is empty.
constexpr size_t kMaxKeptBytes = 256 * 1024;

}  // namespace

AmiStreamWriter::AmiStreamWriter(const asio::any_io_executor& executor, AmiStream* stream,
                                 absl::Duration timeout, std::function<void()> on_progress)
    : stream_(stream),
      timeout_(timeout),
      on_progress_(std::move(on_progress)),
      wake_(executor, asio::steady_timer::time_point::max()) {}

void AmiStreamWriter::Add(absl::string_view bytes) {
  if (stopped_ || finishing_ || bytes.empty()) return;
  if (waiting_bytes() == 0) {
    deadline_ = MonotonicNow() + timeout_;
    wake_.cancel();
  }
  pending_.append(bytes.data(), bytes.size());
}

void AmiStreamWriter::Finish() {
  finishing_ = true;
  wake_.cancel();
}

void AmiStreamWriter::Stop() {
  stopped_ = true;
  pending_ = std::string();
  deadline_ = absl::InfiniteDuration();
  wake_.cancel();
}

awaitable<ErrorCode> AmiStreamWriter::Run() {
  while (!stopped_) {
    if (pending_.empty()) {
      if (finishing_) co_return ErrorCode();
      co_await wake_.async_wait(kAwait);
      continue;
    }
    std::swap(in_flight_, pending_);
    const ErrorCode error = co_await WriteInFlight();
    written_ = 0;
    in_flight_.clear();
    if (in_flight_.capacity() > kMaxKeptBytes) in_flight_ = std::string();
    if (error) co_return error;
  }
  co_return asio::error::operation_aborted;
}

awaitable<ErrorCode> AmiStreamWriter::WriteInFlight() {
  while (written_ < in_flight_.size()) {
    const auto [error, size] = co_await stream_->WriteSome(asio::buffer(in_flight_) + written_);
    if (stopped_) co_return asio::error::operation_aborted;
    if (error) co_return error;
    written_ += size;
    deadline_ = waiting_bytes() == 0 ? absl::InfiniteDuration() : MonotonicNow() + timeout_;
    on_progress_();
  }
  co_return ErrorCode();
}

}  // namespace outdial::ami
