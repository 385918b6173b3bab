#include "ami_gateway/agi_command.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

bool ContinuesCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

absl::string_view Shortened(absl::string_view value) {
  if (value.size() <= kMaxAgiValueBytes) return value;
  size_t size = kMaxAgiValueBytes;
  while (size > 0 && ContinuesCharacter(value[size])) --size;
  return value.substr(0, size);
}

}  // namespace

std::string SetVariableCommand(absl::string_view name, absl::string_view value) {
  std::string command = absl::StrCat("SET VARIABLE ", name, " \"");
  for (const char byte : Shortened(value)) {
    if (byte == '"' || byte == '\\') command += '\\';
    command += absl::ascii_iscntrl(static_cast<unsigned char>(byte)) ? ' ' : byte;
  }
  command += "\"\n";
  return command;
}

AgiReply ReadAgiReply(absl::string_view line) {
  if (absl::StartsWith(line, "200 ")) return AgiReply::kDone;
  // The caller has hung up: Asterisk 22 says so at any time, and still sets variables.
  if (line == "HANGUP") return AgiReply::kNotice;
  return AgiReply::kRefused;  // 510: unknown; 511: not on a dead channel; 520: malformed
}

}  // namespace outdial::ami
