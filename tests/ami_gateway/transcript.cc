#include "tests/ami_gateway/transcript.h"

#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace outdial::ami {

std::vector<TranscriptLine> ReadTranscript(const std::string& name) {
  std::vector<TranscriptLine> lines;
  std::ifstream file(std::string(OUTDIAL_TEST_DATA) + "/ami_transcripts/" + name);
  EXPECT_TRUE(file.is_open()) << name;
  std::string text;
  while (std::getline(file, text)) {
    if (text.empty() || text[0] == '#') continue;
    TranscriptLine line;
    std::string direction;
    std::istringstream columns(text);
    columns >> line.seconds >> line.session >> direction;
    if (direction != "<" && direction != ">") continue;
    line.from_asterisk = direction == "<";
    columns.ignore(1);
    std::getline(columns, text);
    EXPECT_TRUE(absl::CUnescape(text, &line.bytes)) << name << ": " << text;
    lines.push_back(line);
  }
  return lines;
}

std::string TranscriptBytes(const std::vector<TranscriptLine>& lines, absl::string_view session,
                            bool from_asterisk) {
  std::string bytes;
  for (const TranscriptLine& line : lines) {
    if (line.session == session && line.from_asterisk == from_asterisk) bytes += line.bytes;
  }
  return bytes;
}

std::vector<AmiFrame> ParseFrames(absl::string_view bytes, AmiFrameParser::Side side,
                                  AmiFrameLimits limits) {
  AmiFrameParser parser(side, limits);
  std::vector<AmiFrame> frames;
  parser.Consume(bytes, &frames);
  return frames;
}

}  // namespace outdial::ami
