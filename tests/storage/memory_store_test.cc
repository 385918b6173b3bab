#include "storage/memory_store.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace outdial::storage {
namespace {

absl::Status Put(MemoryStore* store, const std::string& key, Durability durability) {
  WriteBatch batch;
  batch.Put(Family::kEvent, key, key);
  return store->Commit(batch, durability);
}

bool Has(const KvReader& reader, const std::string& key) {
  std::string value;
  return *reader.Get(Family::kEvent, key, &value);
}

TEST(MemoryStoreTest, PowerCutTakesWhatWasNotSynced) {
  MemoryStore store;
  ASSERT_TRUE(Put(&store, "early", Durability::kBuffered).ok());
  ASSERT_TRUE(Put(&store, "synced", Durability::kSynced).ok());
  WriteBatch batch;
  batch.Put(Family::kEvent, "late", "");
  batch.Delete(Family::kEvent, "synced");
  ASSERT_TRUE(store.Commit(batch, Durability::kBuffered).ok());
  const std::unique_ptr<MemoryStore> copy = store.CopySynced();
  EXPECT_TRUE(Has(*copy, "early"));  // an earlier commit is as durable as the one after it
  EXPECT_TRUE(Has(*copy, "synced"));
  EXPECT_FALSE(Has(*copy, "late"));
  EXPECT_TRUE(Has(store, "late"));
}

TEST(MemoryStoreTest, FailsTheNextCommitOnly) {
  MemoryStore store;
  store.FailNextCommit(absl::InternalError("broken"), MemoryStore::Fate::kLost);
  EXPECT_TRUE(absl::IsInternal(Put(&store, "a", Durability::kSynced)));
  EXPECT_FALSE(Has(store, "a"));
  EXPECT_TRUE(Put(&store, "b", Durability::kSynced).ok());
}

TEST(MemoryStoreTest, FailedCommitCanHaveBeenKept) {
  MemoryStore store;
  store.FailNextCommit(absl::InternalError("broken"), MemoryStore::Fate::kKept);
  EXPECT_TRUE(absl::IsInternal(Put(&store, "a", Durability::kSynced)));
  EXPECT_TRUE(Has(store, "a"));
}

TEST(MemoryStoreTest, FullDiskTakesNothingUntilThereIsRoom) {
  MemoryStore store;
  store.SetDiskFull(true);
  EXPECT_TRUE(absl::IsResourceExhausted(Put(&store, "a", Durability::kSynced)));
  EXPECT_TRUE(absl::IsResourceExhausted(store.Reopen()));
  store.SetDiskFull(false);
  EXPECT_TRUE(store.Reopen().ok());
  EXPECT_FALSE(Has(store, "a"));
  EXPECT_TRUE(Put(&store, "a", Durability::kSynced).ok());
}

}  // namespace
}  // namespace outdial::storage
