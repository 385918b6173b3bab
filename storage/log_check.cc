#include "storage/log_check.h"

#include <algorithm>
#include <boost/crc.hpp>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "storage/table_files.h"

namespace outdial::storage {
namespace {

// The format is that of LevelDB's log, as RocksDB's wiki page "Write Ahead Log File Format" has it:
// blocks of 32 KiB hold fragments of records, none of which crosses a block's end. A fragment is a
// masked CRC-32C of all after it, the length of its data, its type, and its data.
constexpr size_t kBlockBytes = size_t{32} << 10;
constexpr size_t kHeaderBytes = 7;
constexpr size_t kLengthAt = 4;
constexpr size_t kTypeAt = 6;
constexpr uint8_t kFull = 1;
constexpr uint8_t kFirst = 2;
constexpr uint8_t kLast = 4;
constexpr uint32_t kCrcMask = 0xa282ead8;

uint8_t ByteAt(absl::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

uint32_t MaskedCrc(absl::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  const uint32_t sum = crc.checksum();
  return ((sum >> 15) | (sum << 17)) + kCrcMask;
}

struct Fragment {
  uint8_t type;
  size_t bytes;  // header and data
};

// The fragment that begins here; none: what is here is no fragment. `block`: up to its end.
std::optional<Fragment> ReadFragment(absl::string_view block) {
  if (block.size() < kHeaderBytes) return std::nullopt;
  const uint8_t type = ByteAt(block, kTypeAt);
  if (type < kFull || type > kLast) return std::nullopt;
  const size_t length = ByteAt(block, kLengthAt) | static_cast<size_t>(ByteAt(block, kLengthAt + 1))
                                                       << 8;
  if (kHeaderBytes + length > block.size()) return std::nullopt;
  uint32_t stored = 0;
  for (size_t i = 0; i < kLengthAt; ++i) {
    stored |= static_cast<uint32_t>(ByteAt(block, i)) << (8 * i);
  }
  if (MaskedCrc(block.substr(kTypeAt, 1 + length)) != stored) return std::nullopt;
  return Fragment{.type = type, .bytes = kHeaderBytes + length};
}

absl::string_view RestOfBlock(absl::string_view log, size_t at) {
  return log.substr(at, kBlockBytes - at % kBlockBytes);
}

// Where the first bytes lie that are no fragment; the size of the log if it has none.
size_t EndOfReadable(absl::string_view log) {
  size_t at = 0;
  while (at < log.size()) {
    const absl::string_view block = RestOfBlock(log, at);
    const std::optional<Fragment> fragment = ReadFragment(block);
    const bool is_trailer = block.size() < kHeaderBytes;
    if (!fragment.has_value() && !is_trailer) return at;
    at += is_trailer ? block.size() : fragment->bytes;
  }
  return log.size();
}

// Whether a record begins after `at`. The rest of a torn record is fragments that begin none.
bool RecordBeginsAfter(absl::string_view log, size_t at) {
  for (size_t next = at + 1; next < log.size(); ++next) {
    const std::optional<Fragment> fragment = ReadFragment(RestOfBlock(log, next));
    if (fragment.has_value() && fragment->type <= kFirst) return true;
  }
  return false;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

std::vector<absl::Status> DamagedLogs(const std::string& database) {
  std::vector<absl::Status> damages;
  for (const std::string& path : LogFiles(database)) {
    const std::string log = ReadAll(path);
    const size_t end = EndOfReadable(log);
    if (!RecordBeginsAfter(log, end)) continue;
    damages.push_back(absl::DataLossError(
        absl::StrCat("file ", path, " is damaged at byte ", end, ", with commits after it")));
  }
  return damages;
}

}  // namespace outdial::storage
