// Decoding UTF-8. Pure functions.
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"

namespace outdial::cli {

struct Character {
  static constexpr uint32_t kInvalid = 0xFFFFFFFF;

  // kInvalid: the first byte begins no character; then `bytes` is 1.
  uint32_t code;
  size_t bytes;
};

// The character at the start of `text`, which must not be empty. Overlong forms and surrogates are
// invalid.
Character FirstCharacter(absl::string_view text);

bool IsUtf8(absl::string_view text);

}  // namespace outdial::cli
