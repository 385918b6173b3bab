#include "storage/log_check.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/store_on_disk.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Small ones, one that crosses a block's end, and one of several blocks at the end.
constexpr size_t kValueBytes[] = {10, 700, 50'000, 10, 300, 100'000};
constexpr size_t kCommits = std::size(kValueBytes);

std::string KeyOf(size_t commit) { return absl::StrCat("commit ", commit); }

absl::Status Put(KeyValueStore* store, const std::string& key, size_t bytes) {
  const std::string value(bytes, 'x');
  WriteBatch batch;
  batch.Put(Family::kEvent, key, value);
  return store->Commit(batch, Durability::kSynced);
}

// A log of some commits as a process that died left it, which tests change.
class LogCheckTest : public ::testing::Test {
 protected:
  LogCheckTest() {
    auto store = OpenRocksDbStore(directory_.path(), {});
    EXPECT_TRUE(store.ok()) << store.status();
    for (size_t commit = 0; commit < kCommits; ++commit) {
      EXPECT_TRUE(Put(store->get(), KeyOf(commit), kValueBytes[commit]).ok());
      ends_.push_back(fs::file_size(Log()));
    }
    fs::copy(DatabasePath(directory_.path()), Sound(), fs::copy_options::recursive);
    log_name_ = fs::path(Log()).filename();
  }

  std::string Log() const { return DatabaseFiles(directory_.path(), ".log").front(); }
  std::string Sound() const { return other_.path() + "/sound"; }
  std::string Database() const { return DatabasePath(directory_.path()); }

  // Puts the store back as it was and applies `change` to the bytes of its log.
  void Change(const std::function<void(std::string*)>& change) {
    fs::remove_all(Database());
    fs::copy(Sound(), Database(), fs::copy_options::recursive);
    const fs::path log = fs::path(Database()) / log_name_;
    std::string bytes(fs::file_size(log), '\0');
    std::ifstream(log, std::ios::binary).read(bytes.data(), std::ssize(bytes));
    change(&bytes);
    std::ofstream(log, std::ios::binary | std::ios::trunc) << bytes;
  }

  // The store opens with the first `commits` and nothing else, and takes more.
  void ExpectKept(size_t commits, const std::string& what) {
    EXPECT_THAT(DamagedLogs(Database()), IsEmpty()) << what;
    const auto store = OpenRocksDbStore(directory_.path(), {});
    ASSERT_TRUE(store.ok()) << what << ": " << store.status();
    std::string value;
    for (size_t commit = 0; commit < kCommits; ++commit) {
      EXPECT_EQ(*(*store)->Get(Family::kEvent, KeyOf(commit), &value), commit < commits)
          << what << ": " << KeyOf(commit);
    }
    EXPECT_TRUE(Put(store->get(), "later", 1).ok()) << what;
  }

  void ExpectDamaged(const std::string& what) {
    const std::string log = fs::path(Database()) / log_name_;
    const std::vector<absl::Status> damages = DamagedLogs(Database());
    ASSERT_EQ(damages.size(), 1U) << what;
    EXPECT_THAT(std::string(damages.front().message()), HasSubstr(log)) << what;
    const absl::Status opened = OpenRocksDbStore(directory_.path(), {}).status();
    EXPECT_TRUE(absl::IsDataLoss(opened)) << what << ": " << opened;
    EXPECT_THAT(std::string(opened.message()), HasSubstr(log)) << what;
  }

  TempDirectory directory_;
  TempDirectory other_;
  std::string log_name_;
  std::vector<size_t> ends_;  // of each commit in the log
};

TEST_F(LogCheckTest, ALogThatIsWholeIsNotDamaged) {
  Change([](std::string*) {});
  ExpectKept(kCommits, "unchanged");
}

// What a power loss leaves of the commit that was not synced: any part of it, anything in its
// place.
TEST_F(LogCheckTest, ATornLastCommitIsDropped) {
  const size_t begin = ends_[kCommits - 2];
  const size_t end = ends_.back();
  for (const size_t at : {begin, begin + 1, begin + 7, begin + 8, begin + 60'000, end - 1}) {
    Change([&](std::string* log) { log->resize(at); });
    ExpectKept(kCommits - 1, absl::StrCat("ends at byte ", at));
    Change([&](std::string* log) { std::fill(log->begin() + at, log->end(), '\0'); });
    ExpectKept(kCommits - 1, absl::StrCat("zeros from byte ", at));
    Change([&](std::string* log) { std::fill(log->begin() + at, log->end(), '\x01'); });
    ExpectKept(kCommits - 1, absl::StrCat("rubbish from byte ", at));
  }
}

// Blocks of a disk are written in any order.
TEST_F(LogCheckTest, AHoleInTheLastCommitIsNoDamage) {
  constexpr size_t kPage = 4096;  // every fifth is enough
  for (size_t at = ends_[kCommits - 2]; at < ends_.back() - kPage; at += 5 * kPage) {
    Change([&](std::string* log) { std::fill_n(log->begin() + at, kPage, '\0'); });
    ExpectKept(kCommits - 1, absl::StrCat("a hole at byte ", at));
  }
}

TEST_F(LogCheckTest, DamageBeforeTheLastCommitIsNeverTakenForTheEnd) {
  for (size_t commit = 0; commit + 1 < kCommits; ++commit) {
    const size_t begin = commit == 0 ? 0 : ends_[commit - 1];
    for (const size_t at : {begin, begin + 4, begin + 6, begin + 9, ends_[commit] - 1}) {
      Change([&](std::string* log) { (*log)[at] ^= 0x55; });
      ExpectDamaged(absl::StrCat(KeyOf(commit), ", byte ", at));
    }
    Change([&](std::string* log) { std::fill_n(log->begin() + begin, 7, '\0'); });
    ExpectDamaged(absl::StrCat(KeyOf(commit), " without its header"));
  }
}

// Logs of one database, put together: the older one as it was, and the one that came after it.
class LogSequenceTest : public ::testing::Test {
 protected:
  // Makes commits, and gives the log as it is while the store is open.
  std::string LogOf(const std::vector<std::string>& keys) {
    auto store = OpenRocksDbStore(directory_.path(), {});
    EXPECT_TRUE(store.ok()) << store.status();
    for (const std::string& key : keys) {
      EXPECT_TRUE(Put(store->get(), key, 100).ok());
    }
    return BytesOf(LogPath());
  }
  std::string LogPath() const { return DatabaseFiles(directory_.path(), ".log").front(); }
  static std::string BytesOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static std::string Cut(const std::string& log) { return log.substr(0, log.size() - 10); }
  std::vector<absl::Status> Check(const std::string& older, const std::string& newer) {
    std::ofstream(logs_.path() + "/999999.log", std::ios::binary) << older;
    std::ofstream(logs_.path() + "/1000000.log", std::ios::binary) << newer;
    return DamagedLogs(logs_.path());
  }

  TempDirectory directory_;
  TempDirectory logs_;
};

TEST_F(LogSequenceTest, LogsThatFollowEachOtherAreNotDamaged) {
  const std::string older = LogOf({"a", "b"});
  EXPECT_THAT(Check(older, LogOf({"c"})), IsEmpty());
}

TEST_F(LogSequenceTest, AnOlderLogThatLostItsEndIsDamaged) {
  const std::string older = LogOf({"a", "b"});
  const std::vector<absl::Status> damages = Check(Cut(older), LogOf({"c"}));
  ASSERT_EQ(damages.size(), 1U);
  EXPECT_THAT(std::string(damages.front().message()), HasSubstr("999999.log is damaged at byte"));
}

// The process died again before it could remove the log that the first power loss tore.
TEST_F(LogSequenceTest, AStoreThatWentOnAfterATornCommitIsNotDamaged) {
  LogOf({"a", "b"});
  fs::resize_file(LogPath(), fs::file_size(LogPath()) - 10);
  const std::string torn = BytesOf(LogPath());
  EXPECT_THAT(Check(torn, LogOf({"c"})), IsEmpty());
}

TEST_F(LogCheckTest, SaysWhereTheDamageIs) {
  Change([&](std::string* log) { (*log)[ends_[0] + 10] ^= 1; });
  EXPECT_THAT(DamagedLogs(Database()),
              ElementsAre(absl::DataLossError(absl::StrCat("file ", Database(), "/", log_name_,
                                                           " is damaged at byte ", ends_[0],
                                                           ", with commits after it"))));
}

}  // namespace
}  // namespace outdial::storage
