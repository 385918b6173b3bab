#include "ami_gateway/ami_message_splitter.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using LineEnds = AmiMessageSplitter::LineEnds;

// The messages of a stream that comes in pieces of `piece_bytes`; the last one has not ended.
std::vector<std::string> Split(LineEnds line_ends, absl::string_view stream, size_t piece_bytes) {
  AmiMessageSplitter splitter(line_ends);
  std::vector<std::string> messages = {""};
  while (!stream.empty()) {
    absl::string_view piece = stream.substr(0, piece_bytes);
    stream.remove_prefix(piece.size());
    while (!piece.empty()) {
      const size_t end = splitter.TakeToEnd(piece);
      messages.back() += std::string(piece.substr(0, end));
      EXPECT_EQ(splitter.at_start(), end != absl::string_view::npos);
      if (end == absl::string_view::npos) break;
      messages.emplace_back();
      piece.remove_prefix(end);
    }
  }
  return messages;
}

TEST(AmiMessageSplitterTest, FindsTheSameEndsHoweverTheStreamIsCut) {
  const std::string stream = "A: 1\r\nB: 2\r\n\r\n\r\nC: 3\r\r\n\r\nD: 4\r\n";
  for (size_t piece_bytes = 1; piece_bytes <= stream.size(); ++piece_bytes) {
    for (const LineEnds line_ends : {LineEnds::kAny, LineEnds::kCrLf}) {
      EXPECT_THAT(Split(line_ends, stream, piece_bytes),
                  ElementsAre("A: 1\r\nB: 2\r\n\r\n", "\r\n", "C: 3\r\r\n\r\n", "D: 4\r\n"))
          << piece_bytes;
    }
  }
}

TEST(AmiMessageSplitterTest, BareLfEndsALineOfAnAction) {
  const std::string stream = "A: 1\n\nB: 2\n\r\n\nC: 3\r\n\n";
  for (size_t piece_bytes = 1; piece_bytes <= stream.size(); ++piece_bytes) {
    EXPECT_THAT(Split(LineEnds::kAny, stream, piece_bytes),
                ElementsAre("A: 1\n\n", "B: 2\n\r\n", "\n", "C: 3\r\n\n", ""))
        << piece_bytes;
  }
}

TEST(AmiMessageSplitterTest, BareLfIsTextInWhatAsteriskSends) {
  const std::string stream = "Response: Follows\r\none\n\ntwo\n\r\n--END COMMAND--\r\n\r\nEvent: A";
  for (size_t piece_bytes = 1; piece_bytes <= stream.size(); ++piece_bytes) {
    EXPECT_THAT(
        Split(LineEnds::kCrLf, stream, piece_bytes),
        ElementsAre("Response: Follows\r\none\n\ntwo\n\r\n--END COMMAND--\r\n\r\n", "Event: A"))
        << piece_bytes;
  }
}

TEST(AmiMessageSplitterTest, CrBeforeALineEndIsNoBlankLine) {
  EXPECT_THAT(Split(LineEnds::kAny, "A: 1\r\n\r\r\n\r\n", 100),
              ElementsAre("A: 1\r\n\r\r\n\r\n", ""));
}

}  // namespace
}  // namespace outdial::ami
