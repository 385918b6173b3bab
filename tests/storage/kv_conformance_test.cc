// What every KeyValueStore must do, whatever it is made of.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_store.h"
#include "storage/rocksdb_store.h"
#include "tests/storage/temp_directory.h"

namespace outdial::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

struct RocksDb {
  std::unique_ptr<KeyValueStore> Open() { return *OpenRocksDbStore(directory.path(), {}); }
  TempDirectory directory;
};
struct Memory {
  std::unique_ptr<KeyValueStore> Open() { return std::make_unique<MemoryStore>(); }
};

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs All(const KvReader& reader, const KeyRange& range = {}, size_t limit = kNoLimit,
          Family family = Family::kEvent) {
  Pairs pairs;
  EXPECT_TRUE(reader
                  .Scan(family, range, limit,
                        [&](absl::string_view key, absl::string_view value) {
                          pairs.emplace_back(std::string(key), std::string(value));
                          return true;
                        })
                  .ok());
  return pairs;
}

template <class Made>
class KeyValueStoreTest : public ::testing::Test {
 protected:
  void Put(const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.Put(Family::kEvent, key, value);
    ASSERT_TRUE(store_->Commit(batch, Durability::kBuffered).ok());
  }

  Made made_;
  std::unique_ptr<KeyValueStore> store_ = made_.Open();
};

using Stores = ::testing::Types<RocksDb, Memory>;
TYPED_TEST_SUITE(KeyValueStoreTest, Stores);

TYPED_TEST(KeyValueStoreTest, GetsWhatWasPutAndNothingElse) {
  this->Put("a", "1");
  std::string value = "untouched";
  EXPECT_EQ(*this->store_->Get(Family::kEvent, "b", &value), false);
  EXPECT_EQ(value, "untouched");
  EXPECT_EQ(*this->store_->Get(Family::kEvent, "a", &value), true);
  EXPECT_EQ(value, "1");
}

TYPED_TEST(KeyValueStoreTest, KeepsFamiliesApart) {
  this->Put("a", "1");
  std::string value;
  EXPECT_EQ(*this->store_->Get(Family::kResult, "a", &value), false);
  EXPECT_THAT(All(*this->store_, {}, kNoLimit, Family::kResult), IsEmpty());
}

TYPED_TEST(KeyValueStoreTest, KeepsBytesThatAreNoText) {
  const std::string key("\x00\xFF\x7F", 3), bytes("\x00\x01\xFE\x00", 4);
  this->Put(key, bytes);
  std::string value;
  EXPECT_EQ(*this->store_->Get(Family::kEvent, key, &value), true);
  EXPECT_EQ(value, bytes);
}

TYPED_TEST(KeyValueStoreTest, ScansInBytewiseOrderBetweenBounds) {
  for (const char* key : {"b", "\xFF", "a", "ab", "c"}) this->Put(key, "");
  EXPECT_THAT(All(*this->store_), ElementsAre(Pair("a", ""), Pair("ab", ""), Pair("b", ""),
                                              Pair("c", ""), Pair("\xFF", "")));
  EXPECT_THAT(All(*this->store_, {"ab", "c"}), ElementsAre(Pair("ab", ""), Pair("b", "")));
  EXPECT_THAT(All(*this->store_, {"b", ""}, 2), ElementsAre(Pair("b", ""), Pair("c", "")));
  EXPECT_THAT(All(*this->store_, {"d", "e"}), IsEmpty());
  EXPECT_THAT(All(*this->store_, {}, 0), IsEmpty());
}

TYPED_TEST(KeyValueStoreTest, VisitorEndsTheScan) {
  for (const char* key : {"a", "b", "c"}) this->Put(key, "");
  int visits = 0;
  ASSERT_TRUE(this->store_
                  ->Scan(Family::kEvent, {}, kNoLimit,
                         [&](absl::string_view, absl::string_view) { return ++visits < 2; })
                  .ok());
  EXPECT_EQ(visits, 2);
}

TYPED_TEST(KeyValueStoreTest, BatchAppliesInOrder) {
  for (const char* key : {"a", "b", "c", "d"}) this->Put(key, "old");
  WriteBatch batch;
  batch.DeleteRange(Family::kEvent, "b", "d");
  batch.Put(Family::kEvent, "c", "new");
  batch.Put(Family::kEvent, "e", "new");
  batch.Delete(Family::kEvent, "e");
  batch.Delete(Family::kEvent, "a");
  ASSERT_TRUE(this->store_->Commit(batch, Durability::kSynced).ok());
  EXPECT_THAT(All(*this->store_), ElementsAre(Pair("c", "new"), Pair("d", "old")));
}

TYPED_TEST(KeyValueStoreTest, SnapshotDoesNotChange) {
  this->Put("a", "1");
  this->Put("b", "1");
  std::unique_ptr<KvReader> snapshot = *this->store_->Snapshot();
  WriteBatch batch;
  batch.Put(Family::kEvent, "a", "2");
  batch.Delete(Family::kEvent, "b");
  batch.Put(Family::kEvent, "c", "2");
  ASSERT_TRUE(this->store_->Commit(batch, Durability::kSynced).ok());
  std::string value;
  EXPECT_EQ(*snapshot->Get(Family::kEvent, "b", &value), true);
  EXPECT_THAT(All(*snapshot), ElementsAre(Pair("a", "1"), Pair("b", "1")));
  EXPECT_THAT(All(*this->store_), ElementsAre(Pair("a", "2"), Pair("c", "2")));
}

TYPED_TEST(KeyValueStoreTest, KnowsTheLastKey) {
  std::string key;
  EXPECT_EQ(*this->store_->LastKey(Family::kEvent, &key), false);
  this->Put("a", "");
  this->Put("b", "");
  EXPECT_EQ(*this->store_->LastKey(Family::kEvent, &key), true);
  EXPECT_EQ(key, "b");
  WriteBatch batch;
  batch.Delete(Family::kEvent, "b");
  ASSERT_TRUE(this->store_->Commit(batch, Durability::kSynced).ok());
  EXPECT_EQ(*this->store_->LastKey(Family::kEvent, &key), true);
  EXPECT_EQ(key, "a");
}

TYPED_TEST(KeyValueStoreTest, ReopenKeepsWhatWasCommitted) {
  this->Put("a", "1");
  ASSERT_TRUE(this->store_->Reopen().ok());
  EXPECT_THAT(All(*this->store_), ElementsAre(Pair("a", "1")));
  this->Put("b", "2");
  EXPECT_THAT(All(**this->store_->Snapshot()), ElementsAre(Pair("a", "1"), Pair("b", "2")));
}

}  // namespace
}  // namespace outdial::storage
