#include "engine/uuid.h"

#include <cstddef>

#include "engine/uuid_layout.h"

namespace outdial::engine {
namespace {

constexpr size_t kTextLength = 36;

// Of each character its value as a hexadecimal digit; -1: it is none.
constexpr std::array<int8_t, 256> kHexValues = [] {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i) values['0' + i] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values['a' + i] = values['A' + i] = static_cast<int8_t>(10 + i);
  }
  return values;
}();

// Where the two digits of each byte stand in the text.
constexpr std::array<uint8_t, 16> kPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                             19, 21, 24, 26, 28, 30, 32, 34};

}  // namespace

std::string Uuid::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kTextLength, '-');
  for (size_t i = 0; i < kPlaces.size(); ++i) {
    text[kPlaces[i]] = kDigits[bytes[i] >> 4];
    text[kPlaces[i] + 1] = kDigits[bytes[i] & 0xF];
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
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return std::nullopt;
  Uuid uuid;
  int any = 0;  // negative: one of the values was
  for (size_t i = 0; i < kPlaces.size(); ++i) {
    const int high = kHexValues[static_cast<uint8_t>(text[kPlaces[i]])];
    const int low = kHexValues[static_cast<uint8_t>(text[kPlaces[i] + 1])];
    any |= high | low;
    uuid.bytes[i] = static_cast<uint8_t>(high << 4 | low);
  }
  if (any < 0) return std::nullopt;
  return uuid;
}

}  // namespace outdial::engine
