// What is said to Asterisk over AGI, and what it answers.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace outdial::ami {

// Asterisk takes lines of 2047 bytes; quoted, a value may be twice as long.
inline constexpr size_t kMaxAgiValueBytes = 900;

// `SET VARIABLE name "value"` with its line end. Whatever the value holds, this is one command:
// control characters become spaces, and what is beyond kMaxAgiValueBytes is left out, a character
// of UTF-8 as a whole. `name` is a plain variable name.
std::string SetVariableCommand(absl::string_view name, absl::string_view value);

enum class AgiReply {
  kDone,     // the command was carried out
  kRefused,  // it was not
  kNotice,   // no answer to a command: that follows
};

// What a line of Asterisk's, without its end, means to who sent a command.
AgiReply ReadAgiReply(absl::string_view line);

}  // namespace outdial::ami
