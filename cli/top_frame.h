// What `top` shows as lines of text. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/top_model.h"
#include "cli/top_table.h"

namespace outdial::cli {

enum class TopSort { kState, kName, kCalls, kAbandoned, kEnd };

// The one that follows, the first after the last.
TopSort NextSort(TopSort sort);
// As people call it: `state`.
std::string SortName(TopSort sort);

struct TopFrameOptions {
  // Address of the server.
  std::string server;
  // At least 1. Lines are cut to it.
  size_t width = 100;
  absl::TimeZone zone = absl::UTCTimeZone();
  TopSort sort = TopSort::kState;
  // Leaves out stopped campaigns without calls.
  bool only_active = false;
  // Why the view is old; empty: it is not.
  std::string trouble = {};
};

struct TopFrame {
  // Stays where it is when the rest is scrolled.
  std::vector<TopLine> head;
  std::vector<TopLine> body;
};

TopFrame MakeTopFrame(const TopView& view, const TopFrameOptions& options);

// All its lines, each with a newline.
std::string PlainText(const TopFrame& frame);

}  // namespace outdial::cli
