// Data directories that can't be used: told what is wrong, and not a byte touched.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"
#include "storage/key_schema.h"
#include "tests/storage/store_on_disk.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Gives up root's right to write anywhere, while it lives: without it these tests could not fail.
class OrdinaryUser {
 public:
  OrdinaryUser() : was_root_(geteuid() == 0) { Become(kNobody); }
  ~OrdinaryUser() { Become(0); }

 private:
  static constexpr uid_t kNobody = 65534;
  void Become(uid_t user) const {
    if (was_root_) {
      EXPECT_EQ(seteuid(user), 0);
    }
  }
  const bool was_root_;
};

class OpenErrorsTest : public ::testing::Test {
 protected:
  std::string In(const std::string& name) { return directory_.path() + "/" + name; }
  std::string data() { return In("data"); }

  // Opening fails so, and leaves everything as it was.
  void ExpectRefused(absl::StatusCode code, const std::string& what,
                     const RocksDbOptions& options = {}) {
    const auto before = ContentsOf(directory_.path());
    const auto store = OpenRocksDbStore(data(), options);
    EXPECT_EQ(store.status().code(), code) << store.status();
    EXPECT_THAT(std::string(store.status().message()), HasSubstr(what));
    EXPECT_TRUE(ContentsOf(directory_.path()) == before) << "something was touched";
  }
  // Writes what the schema says, as another version would have.
  void SetSchema(const std::string& text) {
    auto store = OpenRocksDbStore(data(), {});
    ASSERT_TRUE(store.ok()) << store.status();
    WriteBatch batch;
    batch.Put(Family::kMeta, kSchemaKey, text);
    ASSERT_TRUE((*store)->Commit(batch, Durability::kSynced).ok());
  }

  TempDirectory directory_;
};

TEST_F(OpenErrorsTest, DirectoryOfAnotherProgram) {
  fs::create_directories(data());
  std::ofstream(data() + "/thesis.txt") << "ten years of work";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "thesis.txt");
}

TEST_F(OpenErrorsTest, AnotherProgramThatUsesTheSameName) {
  fs::create_directories(data());
  std::ofstream(data() + "/OUTDIAL") << "list of people to call outside\n";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "was not written by outdiald");
}

TEST_F(OpenErrorsTest, DatabaseOfAnotherProgram) {
  fs::create_directories(data());
  rocksdb::DB* db = nullptr;
  rocksdb::Options options;
  options.create_if_missing = true;
  ASSERT_TRUE(rocksdb::DB::Open(options, data() + "/rocksdb", &db).ok());
  delete db;
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "holds files that are not Outdial's");
}

TEST_F(OpenErrorsTest, FileWhereTheDirectoryShouldBe) {
  std::ofstream(data()) << "not a directory";
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "is a file, not a directory");
}

TEST_F(OpenErrorsTest, PathThatLeadsThroughAFile) {
  std::ofstream(In("file")) << "not a directory";
  const auto store = OpenRocksDbStore(In("file") + "/data", {});
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status())) << store.status();
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("Not a directory"));
}

TEST_F(OpenErrorsTest, NewerSchema) {
  StoreOnDisk made(data());
  SetSchema("outdial store, schema 2");
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                "written by a newer outdiald (schema 2; this one reads schema 1)");
}

TEST_F(OpenErrorsTest, OlderSchema) {
  StoreOnDisk made(data());
  SetSchema("outdial store, schema 0");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "outdialctl --output jsonl result export");
}

TEST_F(OpenErrorsTest, SchemaOfAnotherProgram) {
  StoreOnDisk made(data());
  SetSchema("address book 7");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "was not made by Outdial");
}

TEST_F(OpenErrorsTest, FamilyThatOnlyANewerVersionKnows) {
  StoreOnDisk made(data());
  {
    rocksdb::DB* db = nullptr;
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies({}, DatabasePath(data()), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names)
      families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    ASSERT_TRUE(rocksdb::DB::Open({}, DatabasePath(data()), families, &handles, &db).ok());
    rocksdb::ColumnFamilyHandle* added = nullptr;
    ASSERT_TRUE(db->CreateColumnFamily({}, "voicemail", &added).ok());
    handles.push_back(added);
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
    delete db;
  }
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "it has the family voicemail");
}

TEST_F(OpenErrorsTest, InUse) {
  StoreOnDisk made(data());
  auto running = OpenRocksDbStore(data(), {});
  ASSERT_TRUE(running.ok());
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "is in use by another process");
}

TEST_F(OpenErrorsTest, DirectoryThatThisUserMayNotWrite) {
  StoreOnDisk made(data());
  fs::permissions(directory_.path(), fs::perms(0755));
  for (const auto& entry : fs::recursive_directory_iterator(data())) {
    fs::permissions(entry.path(), fs::perms(entry.is_directory() ? 0555 : 0444));
  }
  fs::permissions(data(), fs::perms(0555));
  {
    OrdinaryUser user;
    ExpectRefused(absl::StatusCode::kFailedPrecondition, "can't be written by the user with uid");
  }
  fs::permissions(data(), fs::perms(0755));
}

TEST_F(OpenErrorsTest, DirectoryThatThisUserMayNotRead) {
  StoreOnDisk made(data());
  fs::permissions(directory_.path(), fs::perms(0755));
  fs::permissions(data(), fs::perms(0));
  {
    OrdinaryUser user;
    const auto store = OpenRocksDbStore(data(), {});
    EXPECT_TRUE(absl::IsFailedPrecondition(store.status())) << store.status();
    EXPECT_THAT(std::string(store.status().message()), HasSubstr("can't be read by the user"));
  }
  fs::permissions(data(), fs::perms(0755));
}

TEST_F(OpenErrorsTest, DirectoryThatThisUserMayNotMake) {
  fs::permissions(directory_.path(), fs::perms(0555));
  {
    OrdinaryUser user;
    ExpectRefused(absl::StatusCode::kFailedPrecondition, "can't be made by the user with uid");
  }
  fs::permissions(directory_.path(), fs::perms(0755));
}

TEST_F(OpenErrorsTest, WhoOpensIsAskedBeforeAnythingIsTouched) {
  StoreOnDisk made(data(), /*newest=*/100);
  RocksDbOptions options;
  options.admit = [](absl::Time last_written) {
    EXPECT_EQ(last_written, At(100));
    return absl::FailedPreconditionError("not today");
  };
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "not today", options);
}

TEST_F(OpenErrorsTest, WhoOpensIsAskedBeforeAStoreIsMade) {
  RocksDbOptions options;
  options.admit = [](absl::Time last_written) {
    EXPECT_EQ(last_written, absl::InfinitePast());
    return absl::FailedPreconditionError("not today");
  };
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "not today", options);
}

TEST_F(OpenErrorsTest, DatabaseWithoutItsCurrentFileIsNotTakenForANewOne) {
  StoreOnDisk made(data());
  fs::remove(DatabasePath(data()) + "/CURRENT");
  ExpectRefused(absl::StatusCode::kDataLoss, "/CURRENT is missing");
}

// RocksDB takes a store without its log for one in which nothing was written since the last table.
TEST_F(OpenErrorsTest, MissingLogIsTold) {
  StoreOnDisk made(data());
  for (const auto& entry : fs::directory_iterator(DatabasePath(data()))) {
    if (entry.path().extension() == ".log") fs::remove(entry.path());
  }
  ExpectRefused(absl::StatusCode::kDataLoss, "/NUMBER.log, is missing");
}

TEST_F(OpenErrorsTest, DamagedCurrentFileIsNamed) {
  StoreOnDisk made(data());
  Damage(DatabasePath(data()) + "/CURRENT", 3);
  ExpectRefused(absl::StatusCode::kDataLoss, "damaged: " + DatabasePath(data()) + "/CURRENT");
}

TEST_F(OpenErrorsTest, MissingManifestIsNamed) {
  StoreOnDisk made(data());
  for (const auto& entry : fs::directory_iterator(DatabasePath(data()))) {
    if (entry.path().filename().string().rfind("MANIFEST", 0) == 0) fs::remove(entry.path());
  }
  ExpectRefused(absl::StatusCode::kDataLoss, "/MANIFEST-");
}

TEST_F(OpenErrorsTest, LinkToNothing) {
  fs::create_symlink("nowhere", data());
  const auto store = OpenRocksDbStore(data(), {});
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status())) << store.status();
  EXPECT_THAT(std::string(store.status().message()), HasSubstr("is a symbolic link"));
  EXPECT_TRUE(fs::is_symlink(data()));
}

TEST_F(OpenErrorsTest, FileThatThisUserMayNotRead) {
  StoreOnDisk made(data());
  fs::permissions(directory_.path(), fs::perms(0755));
  for (const auto& entry : fs::recursive_directory_iterator(data())) {
    fs::permissions(entry.path(), fs::perms(0777));
  }
  fs::permissions(data(), fs::perms(0777));
  const std::string table = DatabaseFiles(data(), ".sst").front();
  fs::permissions(table, fs::perms(0));
  OrdinaryUser user;
  const auto store = OpenRocksDbStore(data(), {});
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(table + " can't be read"));
}

TEST_F(OpenErrorsTest, MissingTableIsNamed) {
  StoreOnDisk made(data());
  const std::string table = DatabaseFiles(data(), ".sst").front();
  fs::remove(table);
  ExpectRefused(absl::StatusCode::kDataLoss, fs::path(table).stem().string());
}

TEST_F(OpenErrorsTest, TableWithADamagedEndIsNamed) {
  StoreOnDisk made(data());
  for (const std::string& table : DatabaseFiles(data(), ".sst")) {
    const auto end = static_cast<std::streamoff>(fs::file_size(table));
    Damage(table, end - 10);
    const auto store = OpenRocksDbStore(data(), {});
    EXPECT_TRUE(absl::IsDataLoss(store.status())) << store.status();
    EXPECT_THAT(std::string(store.status().message()), HasSubstr("file " + table + " is damaged"));
    Damage(table, end - 10);
  }
}

TEST_F(OpenErrorsTest, DamagedManifestIsNamed) {
  StoreOnDisk made(data());
  for (const auto& entry : fs::directory_iterator(DatabasePath(data()))) {
    if (entry.path().filename().string().rfind("MANIFEST", 0) == 0) Damage(entry.path(), 30);
  }
  ExpectRefused(absl::StatusCode::kDataLoss, "MANIFEST");
}

TEST_F(OpenErrorsTest, DamagedLogIsNamed) {
  StoreOnDisk made(data());
  {
    auto store = OpenRocksDbStore(data(), {});
    for (const char* key : {"a", "b", "c"}) {
      WriteBatch batch;
      const std::string value(1000, 'x');
      batch.Put(Family::kEvent, key, value);
      ASSERT_TRUE((*store)->Commit(batch, Durability::kSynced).ok());
    }
  }
  const std::string log = DatabaseFiles(data(), ".log").front();
  Damage(log, 500);
  ExpectRefused(absl::StatusCode::kDataLoss, log);
}

}  // namespace
}  // namespace outdial::storage
