// outdiald with a store that nobody runs: what an operator gets to read, and the exit status.
#include "server/store_task.h"

#include <filesystem>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/daemon.h"
#include "spdlog/sinks/null_sink.h"
#include "storage/key_schema.h"
#include "tests/storage/store_on_disk.h"

namespace outdial::server {
namespace {

namespace fs = std::filesystem;
using storage::ContentsOf;
using storage::StoreOnDisk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class StoreTaskTest : public testing::Test {
 protected:
  std::string In(const std::string& name) { return directory_.path() + "/" + name; }

  int Verify(const std::string& name = "data") {
    return Run({.kind = StoreTask::Kind::kVerify, .data_dir = In(name), .backup = ""});
  }
  int Restore(const std::string& backup, const std::string& name) {
    return Run({.kind = StoreTask::Kind::kRestore, .data_dir = In(name), .backup = In(backup)});
  }
  int Run(const StoreTask& task) {
    std::ostringstream out, err;
    const int status = RunStoreTask(task, out, err);
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  void MakeBackup() {
    auto store = storage::OpenRocksDbStore(In("data"), {});
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE(storage::MakeBackup(**store, In("backup")).ok());
  }
  void Write(storage::Family family, const std::string& key, const std::string& value) {
    auto store = storage::OpenRocksDbStore(In("data"), {});
    ASSERT_TRUE(store.ok()) << store.status();
    storage::WriteBatch batch;
    batch.Put(family, key, value);
    ASSERT_TRUE((*store)->Commit(batch, storage::Durability::kSynced).ok());
  }
  absl::Status StartServer(bool accept_clock) {
    Config config;
    config.listen = {"127.0.0.1", 0};
    config.data_dir = In("data");
    config.accept_clock = accept_clock;
    Logger logger({}, std::make_shared<spdlog::sinks::null_sink_mt>());
    DaemonOptions options;
    options.logger = &logger;
    return Daemon::Start(std::move(config), std::move(options)).status();
  }

  storage::TempDirectory directory_;
  std::string out_, err_;
};

TEST_F(StoreTaskTest, SoundStoreIsCountedAndLeftAsItIs) {
  StoreOnDisk made(In("data"));
  const auto before = ContentsOf(In("data"));
  EXPECT_EQ(Verify(), 0) << out_ << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("2 entries, 1 dialings in progress, 0 results, 2 events"),
                          HasSubstr(" is sound"), Not(HasSubstr("damaged"))));
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_TRUE(ContentsOf(In("data")) == before);
}

TEST_F(StoreTaskTest, EachDamagedRecordIsToldOnALineOfItsOwn) {
  StoreOnDisk made(In("data"));
  const auto idle = *engine::DlUuid::Parse(made.idle().uuid());
  Write(storage::Family::kDlState, storage::DlKey(idle), "\xff\xff");
  Write(storage::Family::kUkey, storage::TextIndexKey("nobody", idle), "");
  const auto before = ContentsOf(In("data"));
  EXPECT_EQ(Verify(), 1);
  EXPECT_THAT(out_, AllOf(HasSubstr("of dl_state (dl " + made.idle().uuid() + ") can't be read\n"),
                          HasSubstr("is damaged in "), HasSubstr("outdiald --restore")));
  EXPECT_TRUE(ContentsOf(In("data")) == before);
}

TEST_F(StoreTaskTest, EachDamagedFileIsTold) {
  StoreOnDisk made(In("data"));
  const auto tables = storage::DatabaseFiles(In("data"), ".sst");
  ASSERT_GE(tables.size(), 2u);
  storage::Damage(tables[0], 10);
  storage::Damage(tables[1], 10);
  EXPECT_EQ(Verify(), 1);
  EXPECT_THAT(out_, AllOf(HasSubstr("damaged: file " + tables[0]),
                          HasSubstr("damaged: file " + tables[1]), HasSubstr("in 2 places")));
}

TEST_F(StoreTaskTest, StoreInUseIsNotChecked) {
  StoreOnDisk made(In("data"));
  const auto running = storage::OpenRocksDbStore(In("data"), {});
  ASSERT_TRUE(running.ok());
  EXPECT_EQ(Verify(), 1);
  EXPECT_THAT(err_, HasSubstr("is in use by another process"));
}

TEST_F(StoreTaskTest, WhatIsNoStoreIsNotChecked) {
  EXPECT_EQ(Verify("nothing"), 1);
  EXPECT_THAT(err_, HasSubstr("holds no store"));
  EXPECT_FALSE(fs::exists(In("nothing")));
}

TEST_F(StoreTaskTest, RestoresABackupAndSaysHowOldItIs) {
  StoreOnDisk made(In("data"));
  MakeBackup();
  EXPECT_EQ(Restore("backup", "restored"), 0) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("the newest change in it is of 2026-11-22T10:00:10+00:00"));
  EXPECT_EQ(Verify("restored"), 0) << out_ << err_;
}

TEST_F(StoreTaskTest, DamagedBackupIsNotRestored) {
  StoreOnDisk made(In("data"));
  MakeBackup();
  const std::string table = storage::DatabaseFiles(In("backup"), ".sst").front();
  storage::Damage(table, 10);
  EXPECT_EQ(Restore("backup", "restored"), 1);
  EXPECT_THAT(out_, HasSubstr("damaged: file " + table));
  EXPECT_FALSE(fs::exists(In("restored")));
}

TEST_F(StoreTaskTest, NothingIsRestoredOverAStore) {
  StoreOnDisk made(In("data"));
  MakeBackup();
  const auto before = ContentsOf(In("data"));
  EXPECT_EQ(Restore("backup", "data"), 1);
  EXPECT_THAT(err_, HasSubstr("holds a store already"));
  EXPECT_TRUE(ContentsOf(In("data")) == before);
}

// Servers on such stores.

TEST_F(StoreTaskTest, ClockBehindTheStoreKeepsTheServerFromStarting) {
  constexpr double kHundredYears = 100.0 * 365 * 24 * 3600;
  StoreOnDisk made(In("data"), kHundredYears);
  const auto before = ContentsOf(In("data"));
  const absl::Status status = StartServer(/*accept_clock=*/false);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("--accept-clock"));
  EXPECT_TRUE(ContentsOf(In("data")) == before);
  const absl::Status accepted = StartServer(/*accept_clock=*/true);
  EXPECT_TRUE(accepted.ok()) << accepted;
}

TEST_F(StoreTaskTest, DamagedTableKeepsTheServerFromStarting) {
  StoreOnDisk made(In("data"));
  for (const std::string& table : storage::DatabaseFiles(In("data"), ".sst")) {
    storage::Damage(table, 10);
  }
  const absl::Status status = StartServer(/*accept_clock=*/true);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(".sst"));
}

TEST_F(StoreTaskTest, DamagedLiveDialingKeepsTheServerFromStarting) {
  StoreOnDisk made(In("data"));
  std::string key;
  {
    auto store = storage::OpenRocksDbStore(In("data"), {});
    ASSERT_TRUE(*(*store)->LastKey(storage::Family::kLive, &key));
  }
  Write(storage::Family::kLive, key, "\xff\xff");
  const absl::Status status = StartServer(/*accept_clock=*/true);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("of live (dialing "));
}

}  // namespace
}  // namespace outdial::server
