// Finds where messages end in a stream of bytes, without copying or holding them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace outdial::ami {

// Belongs to one thread. A message of any length costs the same few bytes of memory.
class AmiMessageSplitter {
 public:
  // Which line ends count. A blank line ends the message.
  enum class LineEnds {
    // As Asterisk reads actions: LF, with or without a CR before it.
    kAny,
    // As Asterisk writes: CR LF. A bare LF is text, such as the output of a command has it.
    kCrLf,
  };

  explicit AmiMessageSplitter(LineEnds line_ends) : line_ends_(line_ends) {}

  // Takes bytes up to the end of the message that is under way, and says how many those were:
  // hand in the rest again. npos: all of them, and the message goes on.
  size_t TakeToEnd(absl::string_view bytes);

  // Nothing of a message has come yet.
  bool at_start() const { return at_start_; }

 private:
  bool EndLine(uint64_t line_bytes, bool ends_with_cr);

  const LineEnds line_ends_;
  bool at_start_ = true;
  uint64_t line_bytes_ = 0;    // of the current line, in the calls before
  bool last_was_cr_ = false;   // the last byte of those
  bool full_line_end_ = true;  // the line before ended in CR LF, or there is none
};

}  // namespace outdial::ami
