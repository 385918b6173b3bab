#include "cli/line_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace outdial::cli {
namespace {

// So many of one character, and then a text.
class LongBuffer : public std::streambuf {
 public:
  LongBuffer(uint64_t count, std::string text) : left_(count), text_(std::move(text)) {
    block_.fill('x');
  }

 protected:
  int_type underflow() override {
    const uint64_t count = std::min<uint64_t>(left_, block_.size());
    left_ -= count;
    if (count > 0) {
      setg(block_.data(), block_.data(), block_.data() + count);
    } else if (!text_is_given_) {
      text_is_given_ = true;
      setg(text_.data(), text_.data(), text_.data() + text_.size());
    } else {
      return traits_type::eof();
    }
    return traits_type::to_int_type(*gptr());
  }

 private:
  uint64_t left_;
  std::string text_;
  bool text_is_given_ = false;
  std::array<char, 4096> block_;
};

TEST(LineReaderTest, ALineOfAHundredMegabytesCostsItsFirstBytes) {
  LongBuffer buffer(100'000'000, "\nnext");
  std::istream in(&buffer);
  LineReader reader(&in);
  TextLine line;
  ASSERT_TRUE(reader.Next(&line));
  EXPECT_TRUE(line.is_too_long);
  EXPECT_EQ(line.text.size(), LineReader::kMaxBytes);
  ASSERT_TRUE(reader.Next(&line));
  EXPECT_FALSE(line.is_too_long);
  EXPECT_EQ(line.text, "next");
  EXPECT_EQ(line.number, 2u);
  EXPECT_FALSE(reader.Next(&line));
  EXPECT_EQ(reader.bytes_read(), 100'000'005u);
}

TEST(LineReaderTest, TheLastLineOfAFileThatIsCutIsLeftOut) {
  std::istringstream in("whole\ncut");
  LineReader reader(&in);
  TextLine line;
  ASSERT_TRUE(reader.Next(&line));
  EXPECT_EQ(line.text, "whole");
  in.setstate(std::ios::badbit);
  EXPECT_FALSE(reader.Next(&line));
}

}  // namespace
}  // namespace outdial::cli
