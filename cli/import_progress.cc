#include "cli/import_progress.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outdial::cli {
namespace {

constexpr int kBarWidth = 20;

double Share(uint64_t part, uint64_t whole) {
  if (whole == 0) return 0;
  return std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace

std::string ImportProgress::Text(uint64_t file_bytes, uint64_t rows, absl::Time now) {
  if (begin_ == absl::InfiniteFuture()) {
    begin_ = now;
    first_bytes_ = file_bytes;
    first_rows_ = rows;
  }
  std::string text;
  if (total_bytes_ > 0) {
    const double share = Share(file_bytes, total_bytes_);
    const int filled = static_cast<int>(share * kBarWidth);
    text = absl::StrFormat("[%s%s] %3d%%  ", std::string(filled, '='),
                           std::string(kBarWidth - filled, ' '), static_cast<int>(share * 100));
  }
  absl::StrAppend(&text, rows, " rows");
  const double seconds = absl::ToDoubleSeconds(now - begin_);
  if (seconds <= 0) return text;
  const auto rate = static_cast<uint64_t>(static_cast<double>(rows - first_rows_) / seconds);
  absl::StrAppend(&text, "  ", rate, " rows/s");
  const double done = total_bytes_ > first_bytes_
                          ? Share(file_bytes - first_bytes_, total_bytes_ - first_bytes_)
                          : 0;
  if (done > 0) {
    const absl::Duration left = absl::Ceil((now - begin_) / done * (1 - done), absl::Seconds(1));
    absl::StrAppend(&text, "  ", absl::FormatDuration(left), " left");
  }
  return text;
}

}  // namespace outdial::cli
