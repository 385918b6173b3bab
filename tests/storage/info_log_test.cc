#include "storage/info_log.h"

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "rocksdb/env.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;

TEST(InfoLogTest, BeginsOnceItsDirectoryIsThere) {
  const TempDirectory directory;
  const std::string database = directory.path() + "/rocksdb";
  const auto log = MakeInfoLog(database);
  rocksdb::Info(log, "lost");
  fs::create_directory(database);
  rocksdb::Info(log, "kept");
  EXPECT_GT(fs::file_size(database + "/LOG"), 0u);
}

TEST(InfoLogTest, NeverGrowsBeyondTwoFiles) {
  const TempDirectory directory;
  const auto log = MakeInfoLog(directory.path());
  const std::string text(4000, 'x');
  for (size_t bytes = 0; bytes < 3 * kMaxInfoLogBytes; bytes += text.size()) {
    rocksdb::Info(log, "%s", text.c_str());
  }
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(directory.path())) {
    ++files;
    EXPECT_LE(entry.file_size(), kMaxInfoLogBytes + 2 * text.size()) << entry.path();
  }
  EXPECT_EQ(files, 2u);
}

}  // namespace
}  // namespace outdial::storage
