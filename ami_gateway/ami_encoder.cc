#include "ami_gateway/ami_encoder.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

constexpr absl::string_view kSeparator = ": ";
constexpr absl::string_view kLineEnd = "\r\n";

bool EndsLine(char c) { return c == '\r' || c == '\n' || c == '\0'; }

absl::Status CheckName(absl::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError("a header has no name");
  for (const char c : name) {
    if (c == ':' || absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a header's name has a colon or a control character: ", absl::CHexEscape(name)));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckValue(const AmiHeader& header) {
  if (std::none_of(header.value.begin(), header.value.end(), EndsLine)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the value of ", header.name, " has a CR, LF or NUL"));
}

}  // namespace

absl::StatusOr<std::string> EncodeAmiMessage(const AmiMessage& message,
                                             const AmiFrameLimits& limits) {
  if (message.empty()) return absl::InvalidArgumentError("a message has no headers");
  if (message.headers().size() > limits.max_lines) {
    return absl::InvalidArgumentError(absl::StrCat("a message has ", message.headers().size(),
                                                   " headers, at most ", limits.max_lines,
                                                   " are allowed"));
  }
  std::string bytes;
  size_t line_bytes_total = 0;
  for (const AmiHeader& header : message.headers()) {
    if (absl::Status status = CheckName(header.name); !status.ok()) return status;
    if (absl::Status status = CheckValue(header); !status.ok()) return status;
    const size_t line_bytes = header.name.size() + kSeparator.size() + header.value.size();
    if (line_bytes > limits.max_line_bytes) {
      return absl::InvalidArgumentError(absl::StrCat("the line of ", header.name, " has ",
                                                     line_bytes, " bytes, at most ",
                                                     limits.max_line_bytes, " are allowed"));
    }
    line_bytes_total += line_bytes;
    absl::StrAppend(&bytes, header.name, kSeparator, header.value, kLineEnd);
  }
  if (line_bytes_total > limits.max_message_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("a message has ", line_bytes_total,
                                                   " bytes, at most ", limits.max_message_bytes,
                                                   " are allowed"));
  }
  absl::StrAppend(&bytes, kLineEnd);
  return bytes;
}

std::string WithoutLineEnds(absl::string_view value) {
  std::string clean(value);
  std::replace_if(clean.begin(), clean.end(), EndsLine, ' ');
  return clean;
}

}  // namespace outdial::ami
