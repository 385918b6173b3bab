// A store in a directory of its own with a list, a few entries, a live dialing and an ended one;
// and what a test does to its files.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "storage/record_store.h"
#include "storage/rocksdb_store.h"
#include "storage/store_directory.h"
#include "tests/storage/record_makers.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {

// Every file below a directory, by its path, with its bytes: two are equal when nothing was
// touched.
inline std::map<std::string, std::string> ContentsOf(const std::string& directory) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    std::ostringstream bytes;
    if (entry.is_regular_file()) bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    contents[entry.path().string()] = bytes.str();
  }
  return contents;
}

// Changes one byte.
inline void Damage(const std::string& path, std::streamoff offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  ASSERT_TRUE(file.is_open()) << path;
  file.seekg(offset);
  const int byte = file.get();
  file.seekp(offset);
  file.put(static_cast<char>(byte ^ 0x55));
}

// Files of the database with this extension that are not empty, by name.
inline std::vector<std::string> DatabaseFiles(const std::string& directory,
                                              const std::string& extension) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(DatabasePath(directory))) {
    if (entry.path().extension() == extension && entry.file_size() > 0) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Fills the store in `directory`, closed when the call returns, and opens it once more, so that
// everything lies in tables. The newest event is `newest` seconds after the makers' moment.
class StoreOnDisk {
 public:
  static constexpr engine::ListNumber kList = 3;

  explicit StoreOnDisk(const std::string& directory, double newest = 10) {
    Fill(directory, newest);
    EXPECT_TRUE(OpenRocksDbStore(directory, {}).ok());
  }

  const v1::Plan& plan() const { return plan_; }
  const v1::Dl& idle() const { return idle_; }

 private:
  void Fill(const std::string& directory, double newest) {
    auto kv = OpenRocksDbStore(directory, {});
    ASSERT_TRUE(kv.ok()) << kv.status();
    auto store = RecordStore::Open(*std::move(kv), {});
    ASSERT_TRUE(store.ok()) << store.status();
    campaign_.set_plan(plan_.uuid());
    campaign_.set_dlma(dlma_.uuid());
    campaign_.set_dest(destination_.uuid());
    engine::RoundStore& round = (*store)->Round();
    ASSERT_TRUE(round.PutPlan(plan_).ok());
    ASSERT_TRUE(round.PutDlma(dlma_, kList).ok());
    ASSERT_TRUE(round.PutDestination(destination_).ok());
    ASSERT_TRUE(round.PutCampaign(campaign_).ok());
    const auto note = [&](v1::EventKind kind, decltype(engine::EventNote::record) record) {
      ASSERT_TRUE(
          round.AppendEvent({.kind = kind, .tm = At(newest), .campaign = {}, .record = record})
              .ok());
    };
    note(v1::EVENT_KIND_OUT_CAMPAIGN_CREATE, &campaign_);
    idle_ = maker_.Dl(dlma_, kList);
    ASSERT_TRUE(round.PutDl(nullptr, idle_, At(0)).ok());
    const v1::Dl dl = maker_.Dl(dlma_, kList);
    const v1::Dialing dialing = maker_.Dialing(campaign_, plan_, dlma_, destination_, dl);
    ASSERT_TRUE(round.PutDl(nullptr, dl, At(0)).ok());
    const v1::Dl dialled = Dialled(dl, dialing, 1);
    ASSERT_TRUE(round.PutDl(&dl, dialled, At(1)).ok());
    ASSERT_TRUE(round.CreateDialing(dialing).ok());
    note(v1::EVENT_KIND_OUT_DIALING_CREATE, &dialing);
    ASSERT_TRUE((*store)->Commit().ok());
  }

  RecordMaker maker_;
  v1::Plan plan_ = maker_.Plan();
  v1::Dlma dlma_ = maker_.Dlma();
  v1::Destination destination_ = maker_.Destination();
  v1::Campaign campaign_ = maker_.Campaign();
  v1::Dl idle_;
};

}  // namespace outdial::storage
