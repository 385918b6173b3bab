#include "cli/utf8.h"

namespace outdial::cli {

Character FirstCharacter(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  constexpr Character kBad = {Character::kInvalid, 1};
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) < 0xC2 || byte(0) > 0xF4) return kBad;
  const size_t bytes = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (text.size() < bytes) return kBad;
  uint32_t code = byte(0) & (0x7F >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kBad;
    code = (code << 6) | (byte(i) & 0x3F);
  }
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool is_overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  if (is_surrogate || is_overlong || code > 0x10FFFF) return kBad;
  return {code, bytes};
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const Character next = FirstCharacter(text);
    if (next.code == Character::kInvalid) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

}  // namespace outdial::cli
