// Reads the recorded exchanges with a real Asterisk in tests/testdata/ami_transcripts.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_frame_parser.h"

namespace outdial::ami {

// One line of a transcript.
struct TranscriptLine {
  double seconds = 0;
  std::string session;  // which of the recorded connections: "A", "B"
  bool from_asterisk = false;
  std::string bytes;  // as on the wire, the end of the line included
};

// All lines of `name` ("05_app_busy_486.txt"), notes left out. An unreadable file fails the test.
std::vector<TranscriptLine> ReadTranscript(const std::string& name);

// The bytes that went one way in one session.
std::string TranscriptBytes(const std::vector<TranscriptLine>& lines, absl::string_view session,
                            bool from_asterisk);

// Parsed by an AmiFrameParser in one piece.
std::vector<AmiFrame> ParseFrames(absl::string_view bytes, AmiFrameParser::Side side,
                                  AmiFrameLimits limits = {});

}  // namespace outdial::ami
