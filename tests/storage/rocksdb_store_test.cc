#include "storage/rocksdb_store.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/file_system.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

absl::Status Put(KeyValueStore* store, const std::string& key, const std::string& value) {
  WriteBatch batch;
  batch.Put(Family::kEvent, key, value);
  return store->Commit(batch, Durability::kSynced);
}

bool Has(const KvReader& reader, const std::string& key) {
  std::string value;
  return *reader.Get(Family::kEvent, key, &value);
}

// A file system that takes nothing more while `full` is set.
class FullFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FullFile(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<bool>* full)
      : FSWritableFileOwnerWrapper(std::move(file)), full_(full) {}
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    if (*full_) return rocksdb::IOStatus::NoSpace("no space left on device");
    return FSWritableFileOwnerWrapper::Append(data, options, context);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& info,
                           rocksdb::IODebugContext* context) override {
    if (*full_) return rocksdb::IOStatus::NoSpace("no space left on device");
    return FSWritableFileOwnerWrapper::Append(data, options, info, context);
  }

 private:
  const std::atomic<bool>* full_;
};

class FullFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FullFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FullFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus status = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (status.ok()) *file = std::make_unique<FullFile>(std::move(*file), &full);
    return status;
  }
  std::atomic<bool> full{false};
};

class RocksDbStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<KeyValueStore>> Open() {
    return OpenRocksDbStore(directory_.path(), {.file_system = files_});
  }
  // The only file of the database that ends so and is not empty.
  fs::path FileOf(const std::string& extension) {
    for (const fs::directory_entry& entry :
         fs::directory_iterator(fs::path(directory_.path()) / "rocksdb")) {
      if (entry.path().extension() == extension && entry.file_size() > 0) return entry.path();
    }
    return {};
  }

  TempDirectory directory_;
  std::shared_ptr<FullFileSystem> files_ = std::make_shared<FullFileSystem>();
};

TEST_F(RocksDbStoreTest, KeepsEverythingOverARestart) {
  ASSERT_TRUE(Put(Open()->get(), "a", "1").ok());
  auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(Has(**store, "a"));
}

TEST_F(RocksDbStoreTest, RefusesADirectoryInUse) {
  auto store = Open();
  ASSERT_TRUE(store.ok());
  const auto second = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use by another process"));
  EXPECT_TRUE(Put(store->get(), "a", "1").ok());
}

TEST_F(RocksDbStoreTest, LeavesADirectoryOfSomebodyElseAlone) {
  std::ofstream(fs::path(directory_.path()) / "thesis.txt") << "ten years of work";
  const auto store = Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status()));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("thesis.txt"));
  const fs::directory_iterator entries(directory_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(RocksDbStoreTest, MakesMissingDirectories) {
  const auto store = OpenRocksDbStore(directory_.path() + "/a/b", {});
  EXPECT_TRUE(store.ok()) << store.status();
}

TEST_F(RocksDbStoreTest, FullDiskKeepsNothingOfTheBatchAndTellsSo) {
  auto store = Open();
  ASSERT_TRUE(Put(store->get(), "before", "1").ok());
  files_->full = true;
  EXPECT_TRUE(absl::IsResourceExhausted(Put(store->get(), "during", "1")));
  EXPECT_TRUE(absl::IsResourceExhausted((*store)->Reopen()));
  EXPECT_TRUE(absl::IsUnavailable((*store)->Snapshot().status()));
  EXPECT_TRUE(absl::IsUnavailable(Put(store->get(), "during", "1")));
  files_->full = false;
  const absl::Status reopened = (*store)->Reopen();
  ASSERT_TRUE(reopened.ok()) << reopened;
  EXPECT_TRUE(Has(**store, "before"));
  EXPECT_FALSE(Has(**store, "during"));
  EXPECT_TRUE(Put(store->get(), "after", "1").ok());
}

TEST_F(RocksDbStoreTest, DamagedLogIsNeverTakenForItsEnd) {
  const std::string value(1000, 'x');
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Put(Open()->get(), key, value).ok());
  {
    auto store = Open();
    for (const char* key : {"d", "e", "f"}) ASSERT_TRUE(Put(store->get(), key, value).ok());
  }
  std::fstream log(FileOf(".log"), std::ios::in | std::ios::out | std::ios::binary);
  ASSERT_TRUE(log.is_open());
  log.seekp(500);  // within the first of several records
  log.put('?');
  log.close();
  const auto store = Open();
  EXPECT_TRUE(absl::IsDataLoss(store.status())) << store.status();
}

TEST_F(RocksDbStoreTest, DamagedTableIsReportedWhenItIsRead) {
  ASSERT_TRUE(Put(Open()->get(), "a", std::string(1000, 'x')).ok());
  (void)Open();  // the log becomes a table
  std::fstream table(FileOf(".sst"), std::ios::in | std::ios::out | std::ios::binary);
  ASSERT_TRUE(table.is_open());
  table.seekp(10);
  table.put('?');
  table.close();
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  std::string value;
  EXPECT_TRUE(absl::IsDataLoss((*store)->Get(Family::kEvent, "a", &value).status()));
}

TEST_F(RocksDbStoreTest, TornLastRecordIsAnUnfinishedCommit) {
  {
    auto store = Open();
    ASSERT_TRUE(Put(store->get(), "a", "1").ok());
    ASSERT_TRUE(Put(store->get(), "b", std::string(1000, 'x')).ok());
  }
  const fs::path log = FileOf(".log");
  fs::resize_file(log, fs::file_size(log) - 100);
  const auto store = Open();
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE(Has(**store, "a"));
  EXPECT_FALSE(Has(**store, "b"));
}

TEST(RocksDbStoreStatisticsTest, TellsWhatIsHeldAndCountsOverReopening) {
  TempDirectory directory;
  const auto opened = OpenRocksDbStore(directory.path(), {});
  ASSERT_TRUE(opened.ok()) << opened.status();
  KeyValueStore& store = **opened;
  const std::string value(1000, 'x');
  WriteBatch batch;
  batch.Put(Family::kRecord, "key", value);
  ASSERT_TRUE(store.Commit(batch, Durability::kSynced).ok());
  const StoreStatistics written = store.Statistics();
  EXPECT_GT(written.memtable_bytes, 1000u);
  EXPECT_GT(written.log_bytes, 1000u);
  EXPECT_FALSE(written.writes_stopped);

  ASSERT_TRUE(store.Reopen().ok());
  std::string read;
  ASSERT_TRUE(*store.Get(Family::kRecord, "key", &read));
  const StoreStatistics reopened = store.Statistics();
  EXPECT_GT(reopened.table_bytes, 0u);
  EXPECT_GT(reopened.block_cache_misses, 0u);
  ASSERT_TRUE(store.Reopen().ok());
  EXPECT_GE(store.Statistics().block_cache_misses, reopened.block_cache_misses);
}

}  // namespace
}  // namespace outdial::storage
