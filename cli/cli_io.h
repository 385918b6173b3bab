// What a command line sees of the world: all handed in, so that commands run in-process in tests.
#pragma once

#include <functional>
#include <istream>
#include <map>
#include <ostream>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/interrupt.h"

namespace outdial::cli {

// Borrowed by RunCli, used by its thread only, but for `interrupt` and `now`.
struct CliIo {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  Interrupt& interrupt;
  // The environment: only OUTDIAL_* and COLUMNS are read.
  std::map<std::string, std::string> env;
  // Whether progress may be drawn over the last line of `err`.
  bool err_is_terminal = false;
  // Whether standard input and output are one terminal to draw on.
  bool is_interactive = false;
  // Of the clock times that people are shown.
  absl::TimeZone zone = absl::UTCTimeZone();
  std::function<absl::Time()> now = absl::Now;
  // Between two looks at a campaign that is waited for.
  absl::Duration poll_interval = absl::Seconds(1);
};

}  // namespace outdial::cli
