// What Asterisk sends when a dialplan runs AGI(agi://host/path,argument,...).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace outdial::ami {

// Asterisk's own bounds are 128 arguments and 8 KiB for all of them together.
inline constexpr size_t kMaxAgiRequestBytes = 64 * 1024;
inline constexpr size_t kMaxAgiArguments = 128;

// Values are bytes, as they came.
struct AgiRequest {
  std::string path;  // what follows the host, without its slash; empty: nothing does
  std::string channel;
  std::string uniqueid;  // of the channel
  std::vector<std::string> arguments;
};

// Takes apart the lines `agi_name: value`, up to the empty line that ends them or without it. Names
// that AgiRequest doesn't hold are left out. INVALID_ARGUMENT: Asterisk sends no such lines, unless
// an argument holds a line break: it writes that as it is, and what follows reads as further lines.
absl::StatusOr<AgiRequest> ParseAgiRequest(absl::string_view block);

}  // namespace outdial::ami
