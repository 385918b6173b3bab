#include "ami_gateway/cdr_csv.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

// Places of a line's values, from 0.
constexpr size_t kDisposition = 14;
constexpr size_t kUniqueId = 16;

// Values in quotes, in which a quote is doubled, or without.
std::vector<std::string> SplitCsv(absl::string_view line) {
  std::vector<std::string> values(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const bool doubled = quoted && line[i] == '"' && i + 1 < line.size() && line[i + 1] == '"';
    if (line[i] == '"' && !doubled) {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      values.emplace_back();
    } else {
      values.back().push_back(line[i]);
      if (doubled) ++i;
    }
  }
  return values;
}

std::optional<engine::CallRecorded> RecordIn(std::vector<std::string> values) {
  if (values.size() <= kUniqueId) return std::nullopt;
  const std::optional<engine::DialingUuid> dialing = engine::DialingUuid::Parse(values[kUniqueId]);
  if (!dialing.has_value()) return std::nullopt;
  return engine::CallRecorded{*dialing, std::move(values[kDisposition])};
}

absl::Status Unreadable(const std::string& path, const char* why) {
  return absl::UnavailableError(absl::StrCat(path, ": ", why));
}

}  // namespace

std::optional<engine::CallRecorded> ParseCdrLine(absl::string_view line) {
  return RecordIn(SplitCsv(line));
}

absl::StatusOr<std::vector<engine::CallRecorded>> CdrCsv::ReadNew() {
  struct stat status;
  if (stat(path_.c_str(), &status) != 0) return Unreadable(path_, std::strerror(errno));
  // Opening a pipe would wait for its writer.
  if (!S_ISREG(status.st_mode)) return Unreadable(path_, "is no regular file");
  std::ifstream file(path_, std::ios::binary);
  if (!file) return Unreadable(path_, std::strerror(errno));
  const auto size = static_cast<uint64_t>(status.st_size);
  if (status.st_ino != inode_ || size < offset_) offset_ = 0;
  inode_ = status.st_ino;
  // From within a line: what is left of it is no record.
  if (size - offset_ > kMaxBytes) offset_ = size - kMaxBytes;
  std::string text(size - offset_, '\0');
  file.seekg(static_cast<std::streamoff>(offset_));
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));

  std::vector<engine::CallRecorded> records;
  bool has_ids = false;
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    std::vector<std::string> values = SplitCsv(absl::string_view(text).substr(begin, end - begin));
    has_ids = has_ids || values.size() > kUniqueId;
    auto record = RecordIn(std::move(values));
    if (record.has_value()) records.push_back(*std::move(record));
    begin = end + 1;
  }
  offset_ += begin;  // the last line may still be written
  if (begin > 0 && !has_ids) {
    return Unreadable(path_, "no line has a uniqueid; set loguniqueid = yes in cdr.conf");
  }
  return records;
}

}  // namespace outdial::ami
