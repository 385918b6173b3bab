// Where a door of the server listens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace outdial::server {

// `host:port`; an IPv6 host stands in brackets in the text and without them here.
struct ListenAddress {
  std::string host;
  uint16_t port = 0;  // 0: any free one

  std::string ToString() const;
  // True for 127.0.0.0/8, ::1 and localhost.
  bool is_loopback() const;
  // False for a name, localhost too.
  bool is_numeric() const;
  // Absent: not an address.
  static std::optional<ListenAddress> Parse(absl::string_view text);
};

}  // namespace outdial::server
