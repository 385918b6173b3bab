#include "cli/status_line.h"

namespace outdial::cli {

StatusLine::StatusLine(const CliIo& io, absl::Duration plain_period)
    : io_(io),
      period_(io.err_is_terminal ? kRedrawPeriod : plain_period),
      last_(io.err_is_terminal ? absl::InfinitePast() : io.now()) {}

StatusLine::~StatusLine() {
  if (is_drawn_) io_.err << '\n';
}

bool StatusLine::IsDue() const { return io_.now() >= last_ + period_; }

void StatusLine::Show(absl::string_view text) {
  if (!IsDue()) return;
  last_ = io_.now();
  if (io_.err_is_terminal) {
    // Back to the first column, and clear to the end of the line.
    io_.err << '\r' << text << "\x1b[K" << std::flush;
    is_drawn_ = true;
  } else {
    io_.err << text << std::endl;
  }
}

}  // namespace outdial::cli
