#include "tests/simulation/faulty_file_system.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include "tests/storage/temp_directory.h"

namespace outdial::simulation {
namespace {

namespace fs = std::filesystem;

class FaultyFileSystemTest : public testing::Test {
 protected:
  std::unique_ptr<rocksdb::FSWritableFile> Make(FaultyFileSystem& files, const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    EXPECT_TRUE(files.NewWritableFile(Path(name), {}, &file, nullptr).ok());
    return file;
  }
  void SyncDirectory(FaultyFileSystem& files) {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    ASSERT_TRUE(files.NewDirectory(directory_.path(), {}, &directory, nullptr).ok());
    ASSERT_TRUE(directory->Fsync({}, nullptr).ok());
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  std::string Content(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  storage::TempDirectory directory_;
};

TEST_F(FaultyFileSystemTest, SyncedBytesStayAndUnsyncedOnesAreLostTornOrKept) {
  std::set<size_t> sizes;
  bool zeros = false;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    FaultyFileSystem files(seed);
    auto file = Make(files, "log");
    SyncDirectory(files);
    ASSERT_TRUE(file->Append("synced", {}, nullptr).ok());
    ASSERT_TRUE(file->Sync({}, nullptr).ok());
    ASSERT_TRUE(file->Append("unsynced", {}, nullptr).ok());
    files.CutPower();
    EXPECT_FALSE(file->Append("late", {}, nullptr).ok());
    file.reset();
    files.RestorePower();
    const std::string left = Content("log");
    EXPECT_EQ(left.substr(0, 6), "synced");
    EXPECT_LE(left.size(), 14U);
    sizes.insert(left.size());
    zeros = zeros || left.find('\0') != std::string::npos;
  }
  EXPECT_TRUE(sizes.contains(6));
  EXPECT_TRUE(sizes.contains(14));
  EXPECT_GT(sizes.size(), 4U);
  EXPECT_TRUE(zeros);
}

TEST_F(FaultyFileSystemTest, NamesThatWereNotSyncedMayBeTheOnesBefore) {
  std::set<std::string> left;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::ofstream(Path("CURRENT")) << "old";
    FaultyFileSystem files(seed);
    auto file = Make(files, "new");
    ASSERT_TRUE(file->Append("new", {}, nullptr).ok());
    ASSERT_TRUE(file->Sync({}, nullptr).ok());
    file.reset();
    ASSERT_TRUE(files.RenameFile(Path("new"), Path("CURRENT"), {}, nullptr).ok());
    files.CutPower();
    files.RestorePower();
    left.insert(Content("CURRENT"));
  }
  EXPECT_EQ(left, (std::set<std::string>{"old", "new"}));
}

TEST_F(FaultyFileSystemTest, NamesThatWereSyncedStay) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    FaultyFileSystem files(seed);
    auto file = Make(files, "log");
    SyncDirectory(files);
    file.reset();
    files.CutPower();
    files.RestorePower();
    EXPECT_TRUE(fs::exists(Path("log")));
    fs::remove(Path("log"));
  }
}

TEST_F(FaultyFileSystemTest, PowerGoesWithTheSyncOfALog) {
  FaultyFileSystem files(1);
  auto log = Make(files, "000001.log");
  auto other = Make(files, "000002.sst");
  files.CutPowerAtNextLogSync();
  EXPECT_TRUE(other->Sync({}, nullptr).ok());
  EXPECT_FALSE(log->Sync({}, nullptr).ok());
  EXPECT_FALSE(other->Sync({}, nullptr).ok());
}

TEST_F(FaultyFileSystemTest, FullDiskTakesNothing) {
  FaultyFileSystem files(1);
  auto file = Make(files, "log");
  files.SetFull(true);
  EXPECT_TRUE(file->Append("more", {}, nullptr).IsNoSpace());
  files.SetFull(false);
  EXPECT_TRUE(file->Append("more", {}, nullptr).ok());
}

}  // namespace
}  // namespace outdial::simulation
