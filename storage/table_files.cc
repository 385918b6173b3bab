#include "storage/table_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_reader.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;

// A directory that can't be read has no files here: opening the database tells why.
std::vector<std::string> FilesOf(const std::string& database, const char* extension) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::directory_iterator entry(database, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == extension) paths.push_back(entry->path().string());
  }
  // By number, which has six digits or more.
  std::sort(paths.begin(), paths.end(), [](const std::string& one, const std::string& other) {
    return std::make_pair(one.size(), one) < std::make_pair(other.size(), other);
  });
  return paths;
}

rocksdb::Status CheckTable(const std::string& path, TableCheck check) {
  rocksdb::SstFileReader reader{rocksdb::Options()};
  const rocksdb::Status opened = reader.Open(path);
  if (!opened.ok() || check == TableCheck::kOpen) return opened;
  rocksdb::ReadOptions options;
  options.readahead_size = size_t{2} << 20;
  return reader.VerifyChecksum(options);
}

bool HasCurrentFile(const std::string& database) {
  std::error_code error;
  return fs::exists(fs::path(database) / "CURRENT", error);
}

}  // namespace

std::vector<absl::Status> DamagedTables(const std::string& database, TableCheck check) {
  std::vector<absl::Status> damages;
  for (const std::string& path : FilesOf(database, ".sst")) {
    const rocksdb::Status status = CheckTable(path, check);
    if (status.ok()) continue;
    damages.push_back(
        absl::DataLossError(absl::StrCat("file ", path, " is damaged: ", status.ToString())));
  }
  return damages;
}

std::vector<std::string> LogFiles(const std::string& database) {
  std::vector<std::string> logs = FilesOf(database, ".log");
  logs.erase(std::remove_if(logs.begin(), logs.end(),
                            [](const std::string& path) {
                              std::error_code error;
                              return fs::file_size(path, error) == 0;
                            }),
             logs.end());
  return logs;
}

bool LacksLog(const std::string& database) { return FilesOf(database, ".log").empty(); }

bool LacksCurrentFile(const std::string& database) {
  if (HasCurrentFile(database)) return false;
  return !FilesOf(database, ".sst").empty() || !LogFiles(database).empty();
}

bool IsUnused(const std::string& database) {
  return !HasCurrentFile(database) && !LacksCurrentFile(database);
}

}  // namespace outdial::storage
