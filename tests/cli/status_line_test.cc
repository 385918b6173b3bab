#include "cli/status_line.h"

#include <gmock/gmock.h>

#include <sstream>

#include "cli/interrupt.h"

namespace outdial::cli {
namespace {

class StatusLineTest : public testing::Test {
 protected:
  CliIo Io(bool is_terminal) {
    return {.in = in_,
            .out = out_,
            .err = err_,
            .interrupt = interrupt_,
            .env = {},
            .err_is_terminal = is_terminal,
            .now = [this] { return now_; },
            .poll_interval = absl::ZeroDuration()};
  }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  Interrupt interrupt_;
  absl::Time now_ = absl::UnixEpoch();
};

TEST_F(StatusLineTest, OnATerminalOneLineIsDrawnOverAndNeverWraps) {
  const CliIo io = Io(true);
  {
    StatusLine line(io, absl::Seconds(10));
    line.Show("one");
    line.Show("too soon");
    now_ += absl::Seconds(1);
    line.Show("two");
  }
  EXPECT_EQ(err_.str(),
            "\r\x1b[?7lone\x1b[K\x1b[?7h"
            "\r\x1b[?7ltwo\x1b[K\x1b[?7h\n");
}

TEST_F(StatusLineTest, ElsewhereALineComesNowAndThen) {
  const CliIo io = Io(false);
  {
    StatusLine line(io, absl::Seconds(10));
    line.Show("too soon");
    now_ += absl::Seconds(10);
    line.Show("one");
  }
  EXPECT_EQ(err_.str(), "one\n");
}

}  // namespace
}  // namespace outdial::cli
