#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/record_store.h"
#include "storage/result_reader.h"

namespace outdial::storage {
namespace {

// The letter tells a position of events from one of results, should a client mix them up.
constexpr char kEventLetter = 'e';
constexpr char kResultLetter = 'r';

std::string Encode(char letter, uint64_t sequence) {
  return absl::StrCat(std::string(1, letter), absl::Hex(sequence, absl::kZeroPad16));
}

std::optional<uint64_t> Parse(char letter, absl::string_view position) {
  uint64_t sequence = 0;
  if (position.size() != 17 || position.front() != letter) return std::nullopt;
  position.remove_prefix(1);
  if (!absl::SimpleHexAtoi(position, &sequence)) return std::nullopt;
  if (Encode(letter, sequence).substr(1) != position) return std::nullopt;
  return sequence;
}

}  // namespace

std::string EncodePosition(uint64_t sequence) { return Encode(kEventLetter, sequence); }

std::optional<uint64_t> ParsePosition(absl::string_view position) {
  return Parse(kEventLetter, position);
}

std::string EncodeResultPosition(uint64_t sequence) { return Encode(kResultLetter, sequence); }

std::optional<uint64_t> ParseResultPosition(absl::string_view position) {
  return Parse(kResultLetter, position);
}

}  // namespace outdial::storage
