#include "ami_gateway/ami_frame_parser.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/transcript.h"

namespace outdial::ami {
namespace {

using ::testing::ElementsAre;
using Fault = AmiFrame::Fault;
using Side = AmiFrameParser::Side;

constexpr AmiFrameLimits kSmall{.max_line_bytes = 10, .max_lines = 3, .max_message_bytes = 25};

std::vector<AmiFrame> Parse(absl::string_view bytes, AmiFrameLimits limits = {}) {
  return ParseFrames(bytes, Side::kFromClient, limits);
}

bool SameFrame(const AmiFrame& a, const AmiFrame& b) {
  return a.kind == b.kind && a.fault == b.fault && a.message == b.message && a.banner == b.banner;
}

TEST(AmiFrameParserTest, ReadsHeadersInOrder) {
  const std::vector<AmiFrame> frames =
      Parse("Action: Ping\r\nActionID:7\r\n\r\nAction: Logoff\r\n");
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].fault, Fault::kNone);
  EXPECT_THAT(frames[0].message.headers(),
              ElementsAre(AmiHeader{"Action", "Ping"}, AmiHeader{"ActionID", "7"}));
}

TEST(AmiFrameParserTest, LooksNamesUpWithoutCaseAndKeepsRepeats) {
  const AmiMessage message =
      Parse("actionid: 1\nVariable: A\nvariable: B\nACTIONID: 2\n\n")[0].message;
  EXPECT_EQ(message.Get("ActionID"), "1");
  EXPECT_THAT(message.GetAll("Variable"), ElementsAre("A", "B"));
  EXPECT_FALSE(message.Find("Action").has_value());
  EXPECT_EQ(message.GetInt("ActionID"), 1);
  EXPECT_FALSE(message.GetInt("Variable").has_value());
}

TEST(AmiFrameParserTest, TakesTheFirstLineOfAServerAsBanner) {
  const std::vector<AmiFrame> frames =
      ParseFrames("Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n", Side::kFromServer);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].kind, AmiFrame::Kind::kBanner);
  EXPECT_EQ(frames[0].banner, "Asterisk Call Manager/11.0.0");
  EXPECT_TRUE(frames[1].message.is_response());
}

TEST(AmiFrameParserTest, TellsEventFromResponse) {
  const AmiMessage message = Parse("Event: OriginateResponse\nResponse: Failure\n\n")[0].message;
  EXPECT_TRUE(message.is_event());
  EXPECT_FALSE(message.is_response());
}

// The same bytes give the same frames wherever the network cuts them.
TEST(AmiFrameParserTest, IsIndifferentToWhereTheStreamIsCut) {
  constexpr char kOdd[] = "\nOdd\0cut: 1\r\nNoColon\r\nCr: a\rb\r\nLong: 0123456789\r\n\r\n";
  const std::string bytes = TranscriptBytes(ReadTranscript("05_app_busy_486.txt"), "A", true) +
                            std::string(kOdd, sizeof(kOdd) - 1);
  for (const AmiFrameLimits limits : {AmiFrameLimits{}, kSmall}) {
    const std::vector<AmiFrame> whole = ParseFrames(bytes, Side::kFromServer, limits);
    ASSERT_GT(whole.size(), 10u);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
      AmiFrameParser parser(Side::kFromServer, limits);
      std::vector<AmiFrame> frames;
      parser.Consume(absl::string_view(bytes).substr(0, cut), &frames);
      parser.Consume(absl::string_view(bytes).substr(cut), &frames);
      ASSERT_EQ(frames.size(), whole.size()) << "cut at " << cut;
      for (size_t i = 0; i < frames.size(); ++i) {
        ASSERT_TRUE(SameFrame(frames[i], whole[i])) << "cut at " << cut << ", frame " << i;
      }
    }
  }
}

TEST(AmiFrameParserTest, ReadsARealCall) {
  const std::vector<AmiFrame> frames = ParseFrames(
      TranscriptBytes(ReadTranscript("05_app_busy_486.txt"), "A", true), Side::kFromServer);
  std::vector<std::string> names;
  for (const AmiFrame& frame : frames) {
    EXPECT_EQ(frame.fault, Fault::kNone);
    const absl::string_view name = frame.message.Get("Event");
    if (name == "Newchannel" || name == "OriginateResponse" || name == "Hangup") {
      names.emplace_back(name);
    }
  }
  EXPECT_THAT(names, ElementsAre("Newchannel", "OriginateResponse", "Hangup"));
  EXPECT_EQ(frames.back().message.Get("TechCause"), "486");
}

TEST(AmiFrameParserTest, KeepsBytesThatAreNoUtf8) {
  EXPECT_EQ(Parse("A: \xff\xfe\x80\r\n\r\n")[0].message.Get("A"), "\xff\xfe\x80");
}

TEST(AmiFrameParserTest, CutsALineAtNul) {
  const std::vector<AmiFrame> frames = Parse(absl::string_view("A: x\0y\r\nB: z\r\n\r\n", 16));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_THAT(frames[0].message.headers(), ElementsAre(AmiHeader{"A", "x"}, AmiHeader{"B", "z"}));
}

TEST(AmiFrameParserTest, KeepsABareCarriageReturnInItsValue) {
  EXPECT_EQ(Parse("A: x\ry\r\r\n\r\n")[0].message.Get("A"), "x\ry\r");
}

TEST(AmiFrameParserTest, IgnoresLinesWithoutNameOrColon) {
  EXPECT_THAT(Parse("garbage\r\n: x\r\nA: 1\r\n\r\n")[0].message.headers(),
              ElementsAre(AmiHeader{"A", "1"}));
}

TEST(AmiFrameParserTest, ReportsEachBlankLineAsAnEmptyMessage) {
  const std::vector<AmiFrame> frames = Parse("\r\n\nA: 1\n\n");
  ASSERT_EQ(frames.size(), 3u);
  EXPECT_TRUE(frames[0].message.empty());
  EXPECT_TRUE(frames[1].message.empty());
  EXPECT_EQ(frames[2].message.Get("A"), "1");
}

TEST(AmiFrameParserTest, KeepsTheRestOfAMessageWithALineTooLong) {
  EXPECT_EQ(Parse("A: 3456789\r\n\r\n", kSmall)[0].fault, Fault::kNone);
  const std::vector<AmiFrame> frames = Parse("A: 34567890\r\nB: 2\r\n\r\nC: 3\r\n\r\n", kSmall);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].fault, Fault::kLineTooLong);
  EXPECT_THAT(frames[0].message.headers(), ElementsAre(AmiHeader{"B", "2"}));
  EXPECT_EQ(frames[1].fault, Fault::kNone);
}

TEST(AmiFrameParserTest, KeepsTheFirstLinesOfAMessageWithTooMany) {
  const std::vector<AmiFrame> frames = Parse("A: 1\nB: 2\nC: 3\nD: 4\n\nE: 5\n\n", kSmall);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].fault, Fault::kTooManyLines);
  EXPECT_EQ(frames[0].message.headers().size(), 3u);
  EXPECT_EQ(frames[1].fault, Fault::kNone);
}

TEST(AmiFrameParserTest, BoundsAMessageInBytes) {
  const std::vector<AmiFrame> frames = Parse("A: 3456789\nB: 3456789\nC: 3456789\n\n", kSmall);
  EXPECT_EQ(frames[0].fault, Fault::kMessageTooLong);
  EXPECT_EQ(frames[0].message.headers().size(), 2u);
}

TEST(AmiFrameParserTest, HoldsNoMoreThanItsLimitsOfAnEndlessLine) {
  AmiFrameParser parser(Side::kFromServer, kSmall);
  std::vector<AmiFrame> frames;
  const std::string block(1 << 16, 'x');
  for (int i = 0; i < 100; ++i) {
    parser.Consume(block, &frames);
    ASSERT_LE(parser.buffered_bytes(), 11u);
  }
  EXPECT_TRUE(frames.empty());
  parser.Consume("\nA: 1\n\n", &frames);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].fault, Fault::kLineTooLong);
  EXPECT_EQ(frames[1].message.Get("A"), "1");
}

TEST(AmiFrameParserTest, HoldsNoMoreThanItsLimitsOfEndlessHeaders) {
  AmiFrameParser parser(Side::kFromClient);
  std::vector<AmiFrame> frames;
  for (int i = 0; i < 100'000; ++i) {
    parser.Consume("Name: a value of some length\r\n", &frames);
    ASSERT_LE(parser.buffered_bytes(), 100'000u);
  }
  parser.Consume("\r\n", &frames);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].fault, Fault::kTooManyLines);
  EXPECT_EQ(frames[0].message.headers().size(), AmiFrameLimits{}.max_lines);
}

}  // namespace
}  // namespace outdial::ami
