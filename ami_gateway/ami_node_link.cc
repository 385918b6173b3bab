#include "ami_gateway/ami_node_link.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_read_buffer.h"
#include "ami_gateway/system_now.h"

namespace outdial::ami {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

AmiNodeLink::AmiNodeLink(const asio::any_io_executor& executor, asio::thread_pool* resolver_pool,
                         AmiNodeLinkOptions options, Callbacks callbacks)
    : executor_(executor),
      resolver_pool_(resolver_pool),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      read_wake_(executor, asio::steady_timer::time_point::max()) {}

awaitable<void> AmiNodeLink::Run() {
  const bool connected = co_await Connect();
  if (ended_) co_return;
  if (!connected) co_return Lose(why_);
  writer_.emplace(executor_, &*stream_, options_.write_timeout, callbacks_.on_progress);
  callbacks_.on_connected();
  co_await Read();
}

awaitable<bool> AmiNodeLink::Connect() {
  for (const NodeAddress& candidate : options_.candidates) {
    stream_.emplace(executor_, candidate.tls, resolver_pool_);
    connect_deadline_ = MonotonicNow() + options_.connect_timeout;
    const absl::Status status = co_await stream_->Connect(candidate.host, candidate.port);
    const bool late = connect_deadline_ <= MonotonicNow();
    connect_deadline_ = absl::InfiniteDuration();
    if (ended_) co_return false;
    if (status.ok() && !late) {
      node_ = candidate.name;
      co_return true;
    }
    why_ = absl::StrCat(
        "node ", candidate.name, ": ",
        late ? absl::StrCat("no connection within ", absl::FormatDuration(options_.connect_timeout))
             : std::string(status.message()));
  }
  co_return false;
}

awaitable<void> AmiNodeLink::Read() {
  AmiReadBuffer buffer;
  while (!ended_) {
    if (paused_) {
      co_await read_wake_.async_wait(kAwait);
      continue;
    }
    const auto [error, size] = co_await stream_->Read(buffer.space());
    if (ended_) co_return;
    if (error) co_return Lose(absl::StrCat("node ", node_, " closed the connection"));
    callbacks_.on_bytes(buffer.Filled(size));
    buffer.Adapt(size);
  }
}

awaitable<void> AmiNodeLink::Write() {
  const AmiStream::ErrorCode error = co_await writer_->Run();
  if (ended_) co_return;
  if (error) co_return Lose(absl::StrCat("node ", node_, " closed the connection"));
  co_await stream_->FinishWriting();
}

void AmiNodeLink::Send(absl::string_view bytes) {
  if (writer_.has_value()) writer_->Add(bytes);
}

void AmiNodeLink::Pause(bool paused) {
  paused_ = paused;
  if (!paused) read_wake_.cancel();
}

void AmiNodeLink::FinishWriting() {
  if (writer_.has_value()) writer_->Finish();
}

void AmiNodeLink::Stop() {
  ended_ = true;
  connect_deadline_ = absl::InfiniteDuration();
  if (stream_.has_value()) stream_->Close();
  if (writer_.has_value()) writer_->Stop();
  read_wake_.cancel();
}

void AmiNodeLink::OnTime(engine::MonotonicTime now) {
  if (connect_deadline_ <= now) {
    // Connect goes on with the next candidate.
    connect_deadline_ = -absl::InfiniteDuration();
    stream_->Close();
  } else if (deadline() <= now) {
    Lose(absl::StrCat("node ", node_, " took nothing for ",
                      absl::FormatDuration(options_.write_timeout)));
  }
}

engine::MonotonicTime AmiNodeLink::deadline() const {
  if (connect_deadline_ == -absl::InfiniteDuration()) return absl::InfiniteDuration();
  return std::min(connect_deadline_,
                  writer_.has_value() ? writer_->deadline() : absl::InfiniteDuration());
}

void AmiNodeLink::Lose(std::string why) {
  Stop();
  why_ = std::move(why);
  callbacks_.on_lost();
}

}  // namespace outdial::ami
