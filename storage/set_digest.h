// Tells in constant memory whether two multisets of texts are the same, in whatever order they were
// gone through.
#pragma once

#include <cstdint>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace outdial::storage {

// The sum of 128-bit hashes: damage that leaves it as it was comes once in 2^64 times or less. The
// hashes differ from process to process and are for comparison within one. Thread-compatible.
class SetDigest {
 public:
  void Add(absl::string_view text) {
    low_ += absl::HashOf(uint64_t{1}, text);
    high_ += absl::HashOf(uint64_t{2}, text);
    ++count_;
  }
  void Add(absl::string_view a, absl::string_view b) {
    low_ += absl::HashOf(uint64_t{1}, a, b);
    high_ += absl::HashOf(uint64_t{2}, a, b);
    ++count_;
  }
  uint64_t count() const { return count_; }
  friend bool operator==(const SetDigest&, const SetDigest&) = default;

 private:
  uint64_t low_ = 0;
  uint64_t high_ = 0;
  uint64_t count_ = 0;
};

}  // namespace outdial::storage
