// What waits to be written to one stream.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_stream.h"
#include "engine/now.h"

namespace outdial::ami {

// Gathers bytes while a write is under way, so that many small messages leave at once. Sets no
// bound itself: its owner watches waiting_bytes() and deadline(). Belongs to the stream's thread.
class AmiStreamWriter {
 public:
  // `stream` must outlive the writer. `timeout`: how long the socket may take nothing while
  // something waits. `on_progress` is called after each write.
  AmiStreamWriter(const boost::asio::any_io_executor& executor, AmiStream* stream,
                  absl::Duration timeout, std::function<void()> on_progress);

  void Add(absl::string_view bytes);
  // Run ends once all is written.
  void Finish();
  // Run ends now; what waits is thrown away. The caller closes the stream.
  void Stop();

  // Writes until Finish, Stop or an error. Once.
  boost::asio::awaitable<AmiStream::ErrorCode> Run();

  // None after Stop.
  size_t waiting_bytes() const {
    return stopped_ ? 0 : pending_.size() + in_flight_.size() - written_;
  }
  // When the timeout is over; infinite while nothing waits. Add alone makes it earlier.
  engine::MonotonicTime deadline() const { return deadline_; }

 private:
  boost::asio::awaitable<AmiStream::ErrorCode> WriteInFlight();

  AmiStream* const stream_;
  const absl::Duration timeout_;
  const std::function<void()> on_progress_;
  std::string pending_;
  std::string in_flight_;
  size_t written_ = 0;  // of in_flight_
  bool finishing_ = false;
  bool stopped_ = false;
  engine::MonotonicTime deadline_ = absl::InfiniteDuration();
  boost::asio::steady_timer wake_;  // never expires; cancelled when there is something to do
};

}  // namespace outdial::ami
