#include "ami_gateway/ami_frame_parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/strip.h"

namespace outdial::ami {
namespace {

// Few events have more.
constexpr size_t kUsualLines = 32;

}  // namespace

AmiFrameParser::AmiFrameParser(Side side, AmiFrameLimits limits)
    : limits_(limits), banner_expected_(side == Side::kFromServer) {}

void AmiFrameParser::Consume(absl::string_view bytes, std::vector<AmiFrame>* frames) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const absl::string_view part = bytes.substr(0, end);
    if (end == absl::string_view::npos) return AppendToLine(part);
    if (line_.empty() && part.size() <= limits_.max_line_bytes) {
      EndLine(part, frames);  // it came whole, as nearly all do
    } else {
      AppendToLine(part);
      EndLine(line_, frames);
    }
    bytes.remove_prefix(end + 1);
  }
}

void AmiFrameParser::AppendToLine(absl::string_view bytes) {
  // One more than the limit is held, since the last byte may turn out to be the CR of the end.
  const size_t room = limits_.max_line_bytes + 1 - line_.size();
  if (bytes.size() > room) line_too_long_ = true;
  line_.append(bytes.data(), std::min(room, bytes.size()));
}

void AmiFrameParser::EndLine(absl::string_view line, std::vector<AmiFrame>* frames) {
  if (!line_too_long_) line = absl::StripSuffix(line, "\r");
  if (line.size() > limits_.max_line_bytes) line_too_long_ = true;
  const bool blank = line.empty();

  if (banner_expected_) {
    banner_expected_ = false;
    AmiFrame banner;
    banner.kind = AmiFrame::Kind::kBanner;
    banner.banner = std::string(line.substr(0, limits_.max_line_bytes));
    if (line_too_long_) banner.fault = AmiFrame::Fault::kLineTooLong;
    frames->push_back(std::move(banner));
  } else if (blank) {
    frames->push_back(std::exchange(frame_, AmiFrame()));
    frame_lines_ = 0;
    frame_bytes_ = 0;
  } else {
    AddLine(line);
  }
  line_.clear();
  line_too_long_ = false;
}

void AmiFrameParser::AddLine(absl::string_view line) {
  if (line_too_long_) return NoteFault(AmiFrame::Fault::kLineTooLong);
  if (frame_lines_ == limits_.max_lines) return NoteFault(AmiFrame::Fault::kTooManyLines);
  if (frame_bytes_ + line.size() > limits_.max_message_bytes) {
    return NoteFault(AmiFrame::Fault::kMessageTooLong);
  }
  if (frame_lines_ == 0) frame_.message.Reserve(kUsualLines);
  ++frame_lines_;
  frame_bytes_ += line.size();

  line = line.substr(0, line.find('\0'));
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos || colon == 0) return;
  absl::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  frame_.message.Add(line.substr(0, colon), value);
}

void AmiFrameParser::NoteFault(AmiFrame::Fault fault) {
  if (frame_.fault == AmiFrame::Fault::kNone) frame_.fault = fault;
}

}  // namespace outdial::ami
