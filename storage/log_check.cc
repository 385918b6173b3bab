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
constexpr size_t kSequenceBytes = 8;
constexpr size_t kBatchHeadBytes = 12;

// Little-endian, of 8 bytes at most.
uint64_t ReadNumber(absl::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    number = number << 8 | static_cast<uint8_t>(bytes[i - 1]);
  }
  return number;
}

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
  const auto type = static_cast<uint8_t>(block[kTypeAt]);
  if (type < kFull || type > kLast) return std::nullopt;
  const size_t length = ReadNumber(block.substr(kLengthAt, kTypeAt - kLengthAt));
  if (kHeaderBytes + length > block.size()) return std::nullopt;
  if (MaskedCrc(block.substr(kTypeAt, 1 + length)) != ReadNumber(block.substr(0, kLengthAt))) {
    return std::nullopt;
  }
  return Fragment{.type = type, .bytes = kHeaderBytes + length};
}

absl::string_view RestOfBlock(absl::string_view log, size_t at) {
  return log.substr(at, kBlockBytes - at % kBlockBytes);
}

struct Log {
  size_t end = 0;     // where the first bytes lie that are no fragment; else its size
  bool whole = true;  // it ends where a record ends
  // Numbers of changes: of its first one, and the one after its last; absent: it has no record.
  std::optional<uint64_t> first;
  std::optional<uint64_t> next;
};

// A record is a batch of changes: the number of the first of them, how many there are, and they.
void NoteRecord(absl::string_view head, Log* log) {
  if (head.size() < kBatchHeadBytes) return;
  const uint64_t sequence = ReadNumber(head.substr(0, kSequenceBytes));
  if (!log->first.has_value()) log->first = sequence;
  log->next = sequence + ReadNumber(head.substr(kSequenceBytes));
}

Log ReadLog(absl::string_view bytes) {
  Log log;
  std::string head;  // the first bytes of the record at hand
  while (log.end < bytes.size()) {
    const absl::string_view block = RestOfBlock(bytes, log.end);
    const bool is_trailer =
        block.size() < kHeaderBytes && (log.end + block.size()) % kBlockBytes == 0;
    const std::optional<Fragment> fragment = ReadFragment(block);
    if (!fragment.has_value() && !is_trailer) {
      log.whole = false;
      return log;
    }
    log.end += is_trailer ? block.size() : fragment->bytes;
    if (is_trailer) continue;
    if (fragment->type <= kFirst) head.clear();
    const absl::string_view data = block.substr(kHeaderBytes, fragment->bytes - kHeaderBytes);
    absl::StrAppend(&head, data.substr(0, kBatchHeadBytes - head.size()));
    log.whole = fragment->type == kFull || fragment->type == kLast;
    if (log.whole) NoteRecord(head, &log);
  }
  return log;
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
  const auto add = [&damages](const std::string& path, const Log& log) {
    damages.push_back(absl::DataLossError(
        absl::StrCat("file ", path, " is damaged at byte ", log.end, ", with commits after it")));
  };
  std::string torn_path;  // of the log before, if it has no whole end
  Log torn;
  for (const std::string& path : LogFiles(database)) {
    const std::string bytes = ReadAll(path);
    const Log log = ReadLog(bytes);
    // Whoever opened a torn log went on in a new one with the number that was not used up.
    if (!torn_path.empty() && log.first.has_value()) {
      if (torn.next.has_value() && *log.first != *torn.next) add(torn_path, torn);
      torn_path.clear();
    }
    if (RecordBeginsAfter(bytes, log.end)) {
      add(path, log);
    } else if (!log.whole) {
      torn_path = path;
      torn = log;
    }
  }
  return damages;
}

}  // namespace outdial::storage
