// The file of call detail records that Asterisk's cdr_csv module writes: what is left of a call
// that ended while nobody watched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/node_event.h"

namespace outdial::ami {

// What a line, without its end, tells of a dialing; absent: it is about no dialing, or can't be
// read. The line must hold the uniqueid (`loguniqueid = yes` in cdr.conf). Pure.
std::optional<engine::CallRecorded> ParseCdrLine(absl::string_view line);

// Reads the file from where it left off, and a new one in its place from the beginning. Belongs to
// one thread, which it holds up for a read of kMaxBytes from a local file at most.
class CdrCsv {
 public:
  // Of the end of the file, about 20,000 calls; what lies before is left out.
  static constexpr size_t kMaxBytes = size_t{4} << 20;

  explicit CdrCsv(std::string path) : path_(std::move(path)) {}

  // The records of dialings that were written since the last call. UNAVAILABLE: the file can't be
  // read, or has no uniqueids; the message says why.
  absl::StatusOr<std::vector<engine::CallRecorded>> ReadNew();

 private:
  const std::string path_;
  uint64_t inode_ = 0;   // of the file that was read
  uint64_t offset_ = 0;  // of the first line in it that was not
};

}  // namespace outdial::ami
