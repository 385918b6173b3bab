// Cuts a stream of bytes into AMI messages.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// What a message may hold. Beyond it the rest of the line or of the message is skipped, and the
// frame says so; what came before is kept, so that an ActionID can still be answered.
struct AmiFrameLimits {
  size_t max_line_bytes = 64 * 1024;  // of one line, without its end
  size_t max_lines = 2000;            // of one message
  size_t max_message_bytes = 1024 * 1024;
};

// What Asterisk 22 itself accepts in an action. Its events may be longer.
inline constexpr AmiFrameLimits kAmiActionLimits{
    .max_line_bytes = 1022, .max_lines = 128, .max_message_bytes = 128 * 1024};

struct AmiFrame {
  enum class Kind {
    kMessage,  // complete; empty when the peer sent a blank line with nothing before it
    kBanner,   // the greeting line, in `banner`
  };
  // The first limit that was broken.
  enum class Fault { kNone, kLineTooLong, kTooManyLines, kMessageTooLong };

  Kind kind = Kind::kMessage;
  Fault fault = Fault::kNone;
  AmiMessage message;
  std::string banner;
};

// Incremental, without I/O; belongs to one thread. Takes whatever a peer may send: never fails,
// and holds at most one message within the limits. A line ends at LF, with or without a CR before
// it; a blank line ends the message. As in Asterisk, a NUL cuts off the rest of its line, a CR
// elsewhere belongs to the value, and a line without a colon or without a name is ignored.
class AmiFrameParser {
 public:
  enum class Side {
    kFromServer,  // the first line is a banner
    kFromClient,
  };

  explicit AmiFrameParser(Side side, AmiFrameLimits limits = {});

  // Takes the next bytes and appends the frames that they complete.
  void Consume(absl::string_view bytes, std::vector<AmiFrame>* frames);

  // Bytes that are held for the frame that is not complete yet.
  size_t buffered_bytes() const { return line_.size() + frame_bytes_; }

 private:
  void AppendToLine(absl::string_view bytes);
  // `line` has come in full, but for its LF.
  void EndLine(absl::string_view line, std::vector<AmiFrame>* frames);
  void AddLine(absl::string_view line);
  void NoteFault(AmiFrame::Fault fault);

  const AmiFrameLimits limits_;
  bool banner_expected_;
  std::string line_;            // the current line as far as it came in parts, its CR included
  bool line_too_long_ = false;  // the rest of the current line is skipped
  AmiFrame frame_;              // the current message
  size_t frame_lines_ = 0;
  size_t frame_bytes_ = 0;
};

}  // namespace outdial::ami
