// Where a connection reads to.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::ami {

// Small, since most of a thousand connections are idle, until a peer fills it at once.
class AmiReadBuffer {
 public:
  static constexpr size_t kMinBytes = 4 * 1024;
  static constexpr size_t kMaxBytes = 64 * 1024;

  boost::asio::mutable_buffer space() { return boost::asio::buffer(bytes_); }
  // What the last read put there; valid until the next one or Adapt.
  absl::string_view Filled(size_t size) const { return {bytes_.data(), size}; }
  // To be called after each read of `size` bytes, once they are used.
  void Adapt(size_t size) {
    if (size == bytes_.size() && size < kMaxBytes) bytes_.resize(kMaxBytes);
  }

 private:
  std::vector<char> bytes_ = std::vector<char>(kMinBytes);
};

}  // namespace outdial::ami
