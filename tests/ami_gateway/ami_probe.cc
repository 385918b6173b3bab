#include "tests/ami_gateway/ami_probe.h"

#include <array>

#include "absl/time/clock.h"
#include "ami_gateway/ami_encoder.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "gtest/gtest.h"

namespace outdial::ami {

namespace asio = boost::asio;

AmiProbe::AmiProbe(const std::string& host, uint16_t port) {
  boost::system::error_code error;
  socket_.connect({asio::ip::make_address(host), port}, error);
  EXPECT_FALSE(error) << host << ":" << port << ": " << error.message();
  closed_ = static_cast<bool>(error);
}

void AmiProbe::Send(const AmiMessage& action) {
  const absl::StatusOr<std::string> bytes = EncodeAmiMessage(action);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  SendRaw(*bytes);
}

void AmiProbe::SendRaw(absl::string_view bytes) {
  boost::system::error_code error;
  asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), error);
  EXPECT_FALSE(error) << error.message();
}

void AmiProbe::Read(absl::Duration timeout) {
  std::array<char, 65536> buffer;
  bool done = false;
  boost::system::error_code failure;
  size_t size = 0;
  socket_.async_read_some(asio::buffer(buffer), [&](boost::system::error_code error, size_t read) {
    done = true;
    failure = error;
    size = read;
  });
  io_.restart();
  io_.run_for(absl::ToChronoNanoseconds(timeout));
  if (!done) {
    socket_.cancel();
    io_.restart();
    io_.run();
  }
  if (failure && failure != asio::error::operation_aborted) closed_ = true;
  std::vector<AmiFrame> frames;
  parser_.Consume(absl::string_view(buffer.data(), size), &frames);
  for (AmiFrame& frame : frames) {
    if (frame.kind == AmiFrame::Kind::kBanner) {
      banner_ = frame.banner;
    } else {
      got_.push_back(std::move(frame.message));
    }
  }
}

AmiMessage AmiProbe::Wait(absl::string_view what, const Predicate& fits, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  size_t seen = 0;
  while (true) {
    for (; seen < got_.size(); ++seen) {
      if (fits(got_[seen])) return got_[seen];
    }
    const absl::Duration left = deadline - absl::Now();
    if (closed_ || left <= absl::ZeroDuration()) break;
    Read(left);
  }
  ADD_FAILURE() << "did not come: " << what << (closed_ ? " (connection closed)" : "");
  return {};
}

AmiMessage AmiProbe::Ask(const AmiMessage& action) {
  Send(action);
  return Wait(action.Get("Action"), [&](const AmiMessage& message) {
    return message.is_response() && message.Get("ActionID") == action.Get("ActionID");
  });
}

AmiMessage AmiProbe::WaitEvent(absl::string_view name, absl::string_view header,
                               absl::string_view value, absl::Duration timeout) {
  return Wait(
      name,
      [&](const AmiMessage& message) {
        return message.Get("Event") == name && message.Get(header) == value;
      },
      timeout);
}

void AmiProbe::WaitBanner(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!closed_ && banner_.empty() && absl::Now() < deadline) Read(deadline - absl::Now());
  EXPECT_NE(banner_, "") << "no banner came";
}

bool AmiProbe::WaitClosed(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!closed_ && absl::Now() < deadline) Read(deadline - absl::Now());
  return closed_;
}

void AmiProbe::Reset() {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  closed_ = true;
}

std::vector<AmiMessage> AmiProbe::Events(absl::string_view name, absl::string_view header,
                                         absl::string_view value) const {
  std::vector<AmiMessage> events;
  for (const AmiMessage& message : got_) {
    if (message.Get("Event") == name && message.Get(header) == value) events.push_back(message);
  }
  return events;
}

}  // namespace outdial::ami
