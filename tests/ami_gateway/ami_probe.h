// A plain AMI client for tests, made of a socket and the frame parser alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"

namespace outdial::ami {

// One connection. One thread; its calls block.
class AmiProbe {
 public:
  using Predicate = std::function<bool(const AmiMessage& message)>;

  // Fails the test when nobody listens.
  AmiProbe(const std::string& host, uint16_t port);

  void Send(const AmiMessage& action);
  void SendRaw(absl::string_view bytes);
  // The first message that fits of all that came or comes in time; empty, and a failed test, when
  // there is none.
  AmiMessage Wait(absl::string_view what, const Predicate& fits,
                  absl::Duration timeout = absl::Seconds(15));
  // The answer to an action, which must have an ActionID.
  AmiMessage Ask(const AmiMessage& action);
  // Waits for an event that has this value under this header.
  AmiMessage WaitEvent(absl::string_view name, absl::string_view header, absl::string_view value,
                       absl::Duration timeout = absl::Seconds(15));
  // Waits for the greeting line.
  void WaitBanner(absl::Duration timeout = absl::Seconds(15));
  // True: the peer closed the connection in time.
  bool WaitClosed(absl::Duration timeout);
  // Drops the connection at once, as a crash does.
  void Reset();

  // All that came so far, in order.
  const std::vector<AmiMessage>& got() const { return got_; }
  // Those events of one name that have this value under this header.
  std::vector<AmiMessage> Events(absl::string_view name, absl::string_view header,
                                 absl::string_view value) const;
  const std::string& banner() const { return banner_; }

 private:
  // Reads what comes within `timeout`, until anything came.
  void Read(absl::Duration timeout);

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_{io_};
  AmiFrameParser parser_{AmiFrameParser::Side::kFromServer};
  std::vector<AmiMessage> got_;
  std::string banner_;
  bool closed_ = false;
};

}  // namespace outdial::ami
