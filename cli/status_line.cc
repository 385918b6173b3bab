#include "cli/status_line.h"

namespace outdial::cli {
namespace {

constexpr char kNoWrap[] = "\x1b[?7l";
constexpr char kWrap[] = "\x1b[?7h";

}  // namespace

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
    // Back to the first column, and clear to the end of the line. A line that is wider than the
    // terminal must not go on in the next one, where the carriage return would not reach it.
    io_.err << '\r' << kNoWrap << text << "\x1b[K" << kWrap << std::flush;
    is_drawn_ = true;
  } else {
    io_.err << text << std::endl;
  }
}

}  // namespace outdial::cli
