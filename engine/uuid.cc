#include "engine/uuid.h"

#include <cstddef>

#include "engine/uuid_layout.h"

namespace outdial::engine {
namespace {

constexpr size_t kTextLength = 36;

bool IsHyphenPlace(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// -1: not a hexadecimal digit.
int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Uuid::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kTextLength, '-');
  size_t place = 0;
  for (const uint8_t byte : bytes) {
    if (IsHyphenPlace(place)) ++place;
    text[place++] = kDigits[byte >> 4];
    text[place++] = kDigits[byte & 0xF];
  }
  return text;
}

ListNumber Uuid::list_number() const {
  ListNumber number = 0;
  for (size_t i = 0; i < sizeof(ListNumber); ++i) {
    number = number << 8 | bytes[kListNumberOffset + i];
  }
  return number;
}

int64_t Uuid::made_ms() const {
  int64_t ms = 0;
  for (size_t i = 0; i < kTimeBytes; ++i) ms = ms << 8 | bytes[i];
  return ms;
}

std::optional<Uuid> Uuid::Parse(absl::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Uuid uuid;
  size_t place = 0;
  for (uint8_t& byte : uuid.bytes) {
    if (IsHyphenPlace(place)) {
      if (text[place] != '-') return std::nullopt;
      ++place;
    }
    const int high = HexValue(text[place]);
    const int low = HexValue(text[place + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    byte = static_cast<uint8_t>(high << 4 | low);
    place += 2;
  }
  return uuid;
}

}  // namespace outdial::engine
