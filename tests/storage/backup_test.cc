#include "storage/backup.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/backup_list.h"
#include "storage/memory_store.h"
#include "tests/storage/store_on_disk.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class BackupTest : public ::testing::Test {
 protected:
  std::string In(const std::string& name) { return directory_.path() + "/" + name; }

  // A backup of the store in `data`, which stays open while it is made.
  Backup MakeOne(const std::string& name = "backup") {
    auto store = OpenRocksDbStore(In("data"), {});
    EXPECT_TRUE(store.ok()) << store.status();
    auto backup = MakeBackup(**store, In(name));
    EXPECT_TRUE(backup.ok()) << backup.status();
    return backup.ok() ? *backup : Backup();
  }
  absl::StatusOr<Backup> Check(const std::string& name = "backup") {
    damages_.clear();
    return CheckBackup(
        In(name), [&](const absl::Status& damage) { damages_.emplace_back(damage.message()); });
  }
  std::string ReadText(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  // Checks the backup, and that nothing of it was touched.
  void ExpectRefused(absl::StatusCode code, const std::string& what) {
    const auto before = ContentsOf(In("backup"));
    const auto backup = Check();
    EXPECT_EQ(backup.status().code(), code) << backup.status();
    EXPECT_THAT(std::string(backup.status().message()), HasSubstr(what));
    EXPECT_EQ(ContentsOf(In("backup")), before);
  }

  TempDirectory directory_;
  std::vector<std::string> damages_;
};

TEST_F(BackupTest, BringsBackWhatTheStoreHeld) {
  StoreOnDisk made(In("data"));
  const Backup backup = MakeOne();
  EXPECT_EQ(backup.directory, In("backup"));
  EXPECT_EQ(backup.last_event, 2u);
  EXPECT_EQ(backup.last_written, At(10));

  const auto checked = Check();
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->bytes, backup.bytes);
  const absl::Status restored = RestoreBackup(*checked, In("restored"));
  ASSERT_TRUE(restored.ok()) << restored;
  auto kv = OpenRocksDbStore(In("restored"), {});
  ASSERT_TRUE(kv.ok()) << kv.status();
  auto store = RecordStore::Open(*std::move(kv), {});
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->LastEvent(), 2u);
  EXPECT_TRUE((*store)->GetPlan(*engine::PlanUuid::Parse(made.plan().uuid())).ok());
  // The backup can be used again.
  EXPECT_TRUE(Check().ok());
}

// Until a round that took the mark is committed: whatever dies before that, the next start sees it.
TEST_F(BackupTest, RestoredStoreTellsSoOnce) {
  StoreOnDisk made(In("data"));
  MakeOne();
  ASSERT_TRUE(RestoreBackup(*Check(), In("restored")).ok());
  const auto open = [this](const std::string& name) {
    auto store = RecordStore::Open(*OpenRocksDbStore(In(name), {}), {});
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  };
  EXPECT_FALSE(*open("data")->Round().TakeRestoreMark());
  EXPECT_TRUE(*open("restored")->Round().TakeRestoreMark());
  {
    const auto store = open("restored");
    EXPECT_TRUE(*store->Round().TakeRestoreMark());
    store->Discard();
    EXPECT_TRUE(*store->Round().TakeRestoreMark());
    EXPECT_FALSE(*store->Round().TakeRestoreMark());
    ASSERT_TRUE(store->Commit().ok());
  }
  EXPECT_FALSE(*open("restored")->Round().TakeRestoreMark());
}

TEST_F(BackupTest, RestoreLeavesNothingButTheStore) {
  StoreOnDisk made(In("data"));
  MakeOne();
  ASSERT_TRUE(RestoreBackup(*Check(), In("restored")).ok());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(In("restored"))) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, UnorderedElementsAre("OUTDIAL", "rocksdb"));
}

// The file of the list went after the backup was checked.
TEST_F(BackupTest, FailedRestoreLeavesNothing) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const auto backup = Check();
  fs::remove(DatabaseFiles(In("backup"), ".sst").back());
  EXPECT_FALSE(RestoreBackup(*backup, In("restored")).ok());
  EXPECT_FALSE(fs::exists(In("restored")));
  fs::create_directories(In("empty"));
  EXPECT_FALSE(RestoreBackup(*backup, In("empty")).ok());
  EXPECT_TRUE(fs::is_empty(In("empty")));
  fs::create_symlink("nowhere", In("link"));
  EXPECT_FALSE(RestoreBackup(*backup, In("link")).ok());
  EXPECT_TRUE(fs::is_symlink(In("link")));
}

TEST_F(BackupTest, HoldsTheMomentAndNotWhatComesAfter) {
  StoreOnDisk made(In("data"));
  auto kv = OpenRocksDbStore(In("data"), {});
  ASSERT_TRUE(kv.ok());
  auto store = RecordStore::Open(*std::move(kv), {});
  ASSERT_TRUE(store.ok());
  // In the log alone, of which a backup takes what is there.
  RecordMaker maker(2);
  const v1::Plan before = maker.Plan();
  ASSERT_TRUE((*store)->Round().PutPlan(before).ok());
  ASSERT_TRUE((*store)->Commit().ok());
  ASSERT_TRUE((*store)->MakeBackup(In("backup")).ok());
  const v1::Plan after = maker.Plan();
  ASSERT_TRUE((*store)->Round().PutPlan(after).ok());
  ASSERT_TRUE((*store)->Commit().ok());

  const auto checked = Check();
  ASSERT_TRUE(checked.ok()) << checked.status();
  ASSERT_TRUE(RestoreBackup(*checked, In("restored")).ok());
  auto restored = RecordStore::Open(*OpenRocksDbStore(In("restored"), {}), {});
  ASSERT_TRUE(restored.ok());
  EXPECT_TRUE((*restored)->GetPlan(*engine::PlanUuid::Parse(before.uuid())).ok());
  EXPECT_TRUE(
      absl::IsNotFound((*restored)->GetPlan(*engine::PlanUuid::Parse(after.uuid())).status()));
}

TEST_F(BackupTest, TablesAreSharedWithTheStore) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const auto tables = DatabaseFiles(In("backup"), ".sst");
  ASSERT_FALSE(tables.empty());
  for (const std::string& table : tables) EXPECT_EQ(fs::hard_link_count(table), 2u) << table;
}

TEST_F(BackupTest, NeverTakesTheNameOfAnother) {
  StoreOnDisk made(In("data"));
  MakeOne();
  auto store = OpenRocksDbStore(In("data"), {});
  EXPECT_TRUE(absl::IsAlreadyExists(MakeBackup(**store, In("backup")).status()));
}

TEST_F(BackupTest, WhatACutBackupLeftDoesNotStandInTheWay) {
  StoreOnDisk made(In("data"));
  fs::create_directories(In("backup.partial") + "/rocksdb");
  MakeOne();
  EXPECT_FALSE(fs::exists(In("backup.partial")));
  EXPECT_TRUE(Check().ok());
}

TEST_F(BackupTest, WhatCutBackupsLeftIsRemovedAndNothingElse) {
  StoreOnDisk made(In("data"));
  MakeOne();
  fs::create_directories(In("other.partial") + "/rocksdb");
  RemovePartialBackups(directory_.path());
  EXPECT_FALSE(fs::exists(In("other.partial")));
  EXPECT_TRUE(Check().ok());
  RemovePartialBackups(In("nowhere"));
}

TEST_F(BackupTest, TableOfAnotherBackupIsToldAsDamage) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const StoreOnDisk other(In("other"));
  const std::string table = DatabaseFiles(In("backup"), ".sst").front();
  const uintmax_t bytes = fs::file_size(table);
  const fs::path stranger = fs::path(DatabasePath(In("other"))) / fs::path(table).filename();
  fs::remove(table);
  fs::copy_file(stranger, table);
  ASSERT_EQ(fs::file_size(table), bytes);
  ExpectRefused(absl::StatusCode::kDataLoss, "take another one");
  EXPECT_THAT(damages_, Contains(Not(HasSubstr("restore it from a backup"))));
}

TEST_F(BackupTest, StoreInMemoryHasNone) {
  EXPECT_TRUE(absl::IsFailedPrecondition(MakeBackup(MemoryStore(), In("backup")).status()));
  EXPECT_FALSE(fs::exists(In("backup.partial")));
}

TEST_F(BackupTest, CutShortBeforeItsList) {
  StoreOnDisk made(In("data"));
  MakeOne();
  fs::remove(BackupListPath(In("backup")));
  ExpectRefused(absl::StatusCode::kDataLoss, "cut short");
}

TEST_F(BackupTest, CutShortWithinItsList) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const std::string list = BackupListPath(In("backup"));
  const std::string text = ReadText(list);
  for (size_t bytes = 0; bytes + 1 < text.size(); ++bytes) {
    fs::resize_file(list, bytes);
    const auto backup = Check();
    EXPECT_FALSE(backup.ok()) << "a list of " << bytes << " bytes of " << text.size();
    std::ofstream(list) << text;
  }
  fs::resize_file(list, text.size() - 2);
  ExpectRefused(absl::StatusCode::kDataLoss, "");
}

TEST_F(BackupTest, EachFileThatIsMissingOrCutIsNamed) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const auto tables = DatabaseFiles(In("backup"), ".sst");
  ASSERT_GE(tables.size(), 2u);
  fs::remove(tables[0]);
  // Not in place: the store has the same file.
  const std::string table = ReadText(tables[1]);
  fs::remove(tables[1]);
  std::ofstream(tables[1]) << table.substr(0, table.size() / 2);
  ExpectRefused(absl::StatusCode::kDataLoss, "damaged or was cut short");
  EXPECT_THAT(damages_, Contains(HasSubstr(tables[0])));
  EXPECT_THAT(damages_, Contains(AllOf(HasSubstr(tables[1]), HasSubstr("bytes instead of"))));
}

TEST_F(BackupTest, DamagedTableIsNamed) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const std::string table = DatabaseFiles(In("backup"), ".sst").front();
  Damage(table, 10);
  ExpectRefused(absl::StatusCode::kDataLoss, "damaged");
  EXPECT_THAT(damages_, ElementsAre(HasSubstr(table)));
}

TEST_F(BackupTest, LogThatLostItsEnd) {
  StoreOnDisk made(In("data"));
  {
    auto store = OpenRocksDbStore(In("data"), {});
    WriteBatch batch;
    batch.Put(Family::kUkey, "x", "");
    ASSERT_TRUE((*store)->Commit(batch, Durability::kSynced).ok());
    ASSERT_TRUE(MakeBackup(**store, In("backup")).ok());
  }
  const std::string log = DatabaseFiles(In("backup"), ".log").front();
  // A hole in place of the end, as a copy that was cut leaves it: RocksDB takes it for the end.
  const uintmax_t bytes = fs::file_size(log);
  fs::resize_file(log, 0);
  fs::resize_file(log, bytes);
  ExpectRefused(absl::StatusCode::kDataLoss, "damaged");
  EXPECT_THAT(damages_, Contains(HasSubstr("the log ends at change")));
}

TEST_F(BackupTest, OfAnotherProgram) {
  fs::create_directories(In("backup"));
  std::ofstream(In("backup") + "/holiday.jpg") << "sea";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "is no backup of Outdial");
  std::ofstream(BackupListPath(In("backup"))) << "tape 7\n";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "not written by outdiald");
}

TEST_F(BackupTest, OfAnotherVersion) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const std::string list = BackupListPath(In("backup"));
  std::string text = ReadText(list);
  const std::string schema = "outdial store, schema 1";
  text.replace(text.find(schema), schema.size(), "outdial store, schema 2");
  std::ofstream(list) << text;
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "written by a newer outdiald (schema 2");
  std::ofstream(list) << "outdial backup 2\n";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "made by another outdiald");
}

TEST_F(BackupTest, ListThatLeadsOutOfTheBackup) {
  EXPECT_TRUE(absl::IsDataLoss(
      ParseBackupList("outdial backup 1\nfile 5 ../../etc/passwd\nend 1\n").status()));
}

TEST_F(BackupTest, IsOnlyPutWhereNothingIs) {
  StoreOnDisk made(In("data"));
  MakeOne();
  const auto backup = Check();
  ASSERT_TRUE(backup.ok());

  const auto store_before = ContentsOf(In("data"));
  const absl::Status over_store = RestoreBackup(*backup, In("data"));
  EXPECT_TRUE(absl::IsFailedPrecondition(over_store));
  EXPECT_THAT(std::string(over_store.message()), HasSubstr("holds a store already"));
  EXPECT_EQ(ContentsOf(In("data")), store_before);

  fs::create_directories(In("other"));
  std::ofstream(In("other") + "/thesis.txt") << "ten years of work";
  const auto other_before = ContentsOf(In("other"));
  const absl::Status over_other = RestoreBackup(*backup, In("other"));
  EXPECT_THAT(std::string(over_other.message()), HasSubstr("thesis.txt"));
  EXPECT_EQ(ContentsOf(In("other")), other_before);
}

TEST_F(BackupTest, CutRestoreIsNoStore) {
  fs::create_directories(In("data") + "/" + kRestoringFolder);
  const auto store = OpenRocksDbStore(In("data"), {});
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status()));
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("was cut short"));
}

}  // namespace
}  // namespace outdial::storage
