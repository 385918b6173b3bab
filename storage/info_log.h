// What RocksDB says of its own work, for those who look into it: the files LOG and LOG.old of its
// folder. RocksDB's own logger can't be used: it ends the process when the disk is full.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}  // namespace rocksdb

namespace outdial::storage {

// Each of the two files has kMaxInfoLogBytes at most, and a line. Lines that can't be written are
// lost, longer ones than 4 KiB are cut. The logger is thread-safe.
inline constexpr size_t kMaxInfoLogBytes = size_t{8} << 20;
std::shared_ptr<rocksdb::Logger> MakeInfoLog(const std::string& database);

}  // namespace outdial::storage
