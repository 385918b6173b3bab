// Progress on standard error.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/cli_io.h"

namespace outdial::cli {

// On a terminal one line that is drawn over and over; elsewhere a line now and then. Leaves the
// cursor on a fresh line when it goes. Belongs to one thread.
class StatusLine {
 public:
  // Elsewhere than on a terminal, the first line comes after `plain_period`, and then one each
  // such period. `io` must outlive it.
  StatusLine(const CliIo& io, absl::Duration plain_period);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  // True when Show would print: spares the making of texts that nobody sees.
  bool IsDue() const;
  // Shows `text`, without control characters, if it is due.
  void Show(absl::string_view text);

 private:
  // How often a terminal's line is redrawn at most.
  static constexpr absl::Duration kRedrawPeriod = absl::Milliseconds(100);

  const CliIo& io_;
  const absl::Duration period_;
  absl::Time last_;
  bool is_drawn_ = false;
};

}  // namespace outdial::cli
