#include "storage/dl_cache.h"

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/storage/record_makers.h"

namespace outdial::storage {
namespace {

engine::DlUuid Number(size_t number) {
  engine::Uuid uuid;
  uuid.bytes[0] = static_cast<uint8_t>(number >> 8);
  uuid.bytes[1] = static_cast<uint8_t>(number);
  return engine::DlUuid(uuid);
}

engine::DlPtr Named(const std::string& name) {
  auto dl = std::make_shared<v1::Dl>();
  dl->set_name(name);
  return dl;
}

TEST(DlCacheTest, HasWhatWasKeptLastAndNothingThatWasDropped) {
  DlCache cache;
  cache.Keep(Number(1), Named("old"));
  cache.Keep(Number(1), Named("new"));
  cache.Keep(Number(2), Named("other"));
  cache.Drop(Number(2));
  ASSERT_NE(cache.Find(Number(1)), nullptr);
  EXPECT_EQ(cache.Find(Number(1))->name(), "new");
  EXPECT_EQ(cache.Find(Number(2)), nullptr);
  cache.Clear();
  EXPECT_EQ(cache.Find(Number(1)), nullptr);
}

TEST(DlCacheTest, AListGoesWithoutTheOthers) {
  RecordMaker maker;
  const auto make = [&](engine::ListNumber list) {
    return *engine::DlUuid::Parse(maker.Dl(maker.Dlma(), list).uuid());
  };
  const engine::DlUuid going = make(1), dropped = make(1), staying = make(2);
  DlCache cache;
  for (const auto& uuid : {going, dropped, staying}) cache.Keep(uuid, Named(""));
  cache.Drop(dropped);
  cache.DropList(1);
  EXPECT_EQ(cache.Find(going), nullptr);
  EXPECT_EQ(cache.Find(dropped), nullptr);
  EXPECT_NE(cache.Find(staying), nullptr);
}

TEST(DlCacheTest, OldestGivesWayOnceItIsFull) {
  DlCache cache;
  for (size_t i = 0; i <= DlCache::kMaxEntries; ++i) cache.Keep(Number(i), Named(""));
  EXPECT_EQ(cache.Find(Number(0)), nullptr);
  EXPECT_NE(cache.Find(Number(1)), nullptr);
  EXPECT_NE(cache.Find(Number(DlCache::kMaxEntries)), nullptr);
}

}  // namespace
}  // namespace outdial::storage
