#include "ami_gateway/ami_encoder.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/transcript.h"

namespace outdial::ami {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

bool IsRefused(const AmiMessage& message) {
  const absl::StatusOr<std::string> bytes = EncodeAmiMessage(message);
  return bytes.status().code() == absl::StatusCode::kInvalidArgument;
}

TEST(AmiEncoderTest, WritesHeadersInOrder) {
  const AmiMessage message{{"Action", "Originate"}, {"Variable", "A=1"}, {"Variable", "B=x: y"}};
  EXPECT_EQ(EncodeAmiMessage(message).value(),
            "Action: Originate\r\nVariable: A=1\r\nVariable: B=x: y\r\n\r\n");
}

TEST(AmiEncoderTest, KeepsEmptyValuesAndBytesThatAreNoUtf8) {
  EXPECT_EQ(EncodeAmiMessage({{"A", ""}, {"B", "\xff\t"}}).value(), "A: \r\nB: \xff\t\r\n\r\n");
}

TEST(AmiEncoderTest, RefusesWhatWouldEndALineInAValue) {
  EXPECT_TRUE(IsRefused({{"CallerID", "Bob\r\nVariable: INJ=1"}}));
  EXPECT_TRUE(IsRefused({{"CallerID", "Bob\r\n\r\nAction: Ping"}}));
  EXPECT_TRUE(IsRefused({{"CallerID", "Bob\nAction: Ping"}}));
  EXPECT_TRUE(IsRefused({{"CallerID", "Bob\rAction: Ping"}}));
  EXPECT_TRUE(IsRefused({{"CallerID", std::string("Bob\0Action", 10)}}));
}

TEST(AmiEncoderTest, RefusesWhatWouldEndAName) {
  EXPECT_TRUE(IsRefused({{"", "x"}}));
  EXPECT_TRUE(IsRefused({{"A:B", "x"}}));
  EXPECT_TRUE(IsRefused({{"A\nB", "x"}}));
  EXPECT_TRUE(IsRefused({{"A\r", "x"}}));
  EXPECT_TRUE(IsRefused({{std::string("A\0", 2), "x"}}));
}

TEST(AmiEncoderTest, RefusesAnEmptyMessage) { EXPECT_TRUE(IsRefused({})); }

TEST(AmiEncoderTest, HoldsAsterisksLineLimit) {
  const std::string fits(1022 - 3, 'x');
  EXPECT_TRUE(EncodeAmiMessage({{"A", fits}}).ok());
  EXPECT_TRUE(IsRefused({{"A", fits + "x"}}));
}

TEST(AmiEncoderTest, HoldsAsterisksLimitOfLines) {
  AmiMessage message;
  for (int i = 0; i < 128; ++i) message.Add("Variable", "A=1");
  EXPECT_TRUE(EncodeAmiMessage(message).ok());
  message.Add("Variable", "A=1");
  EXPECT_TRUE(IsRefused(message));
}

TEST(AmiEncoderTest, NeverShowsTheValueItRefuses) {
  const absl::StatusOr<std::string> bytes = EncodeAmiMessage({{"Secret", "hunter2\n"}});
  EXPECT_THAT(std::string(bytes.status().message()), HasSubstr("Secret"));
  EXPECT_THAT(std::string(bytes.status().message()), Not(HasSubstr("hunter2")));
}

TEST(AmiEncoderTest, WhatItWritesIsReadBackAsItWas) {
  const AmiMessage message{{"Action", "Originate"}, {"Empty", ""}, {"Odd", "a: b:\x01\xfe c "}};
  const std::vector<AmiFrame> frames =
      ParseFrames(EncodeAmiMessage(message).value(), AmiFrameParser::Side::kFromClient);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].message, message);
}

}  // namespace
}  // namespace outdial::ami
