// What an AMI client sends, one message at a time, at the pace of whoever serves it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message_splitter.h"

namespace outdial::ami {

// Belongs to one thread. Holds what was added and not taken; the owner bounds it by reading no more
// from the client while something is left.
class AmiActionReader {
 public:
  struct Piece {
    absl::string_view bytes;  // until the next call
    bool ends_message = false;
  };

  void Add(absl::string_view bytes);

  // The next message, within the limits of Asterisk's actions. nullopt: not complete yet.
  std::optional<AmiFrame> NextFrame();

  // The next raw bytes of at most one message. Not between two calls of NextFrame of which the
  // first gave nullopt.
  std::optional<Piece> NextPiece();

  size_t unread_bytes() const { return unread_.size() - taken_; }

 private:
  std::string unread_;
  size_t taken_ = 0;  // of unread_
  AmiMessageSplitter splitter_{AmiMessageSplitter::LineEnds::kAny};
  AmiFrameParser parser_{AmiFrameParser::Side::kFromClient, kAmiActionLimits};
};

// A whole message in one piece.
AmiFrame ParseAmiFrame(absl::string_view bytes, const AmiFrameLimits& limits);

}  // namespace outdial::ami
