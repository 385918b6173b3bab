#include "storage/dl_read_ahead.h"

#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/storage/store_fixture.h"

namespace outdial::storage {
namespace {

using google::protobuf::util::MessageDifferencer;

#define EXPECT_SAME(a, b) EXPECT_TRUE(MessageDifferencer::Equals(a, b)) << (a).DebugString()

class DlReadAheadTest : public StoreFixture {
 protected:
  DlReadAheadTest() {
    for (int i = 0; i < 3; ++i) dls_.push_back(PutNew());
    Commit();
  }
  engine::DlUuid IdOf(size_t i) const { return *engine::DlUuid::Parse(dls_[i].uuid()); }

  std::vector<v1::Dl> dls_;
};

TEST_F(DlReadAheadTest, WhatIsExpectedIsGivenOnce) {
  DlReadAhead ahead(kv_, /*has_thread=*/false);
  EXPECT_EQ(ahead.Take(IdOf(0)), nullptr);
  ahead.Expect({IdOf(0), IdOf(1)});
  EXPECT_TRUE(ahead.IsExpected(IdOf(1)));
  const engine::DlPtr dl = ahead.Take(IdOf(1));
  ASSERT_NE(dl, nullptr);
  EXPECT_SAME(*dl, dls_[1]);
  EXPECT_FALSE(ahead.IsExpected(IdOf(1)));
  EXPECT_EQ(ahead.Take(IdOf(1)), nullptr);
  EXPECT_NE(ahead.Take(IdOf(0)), nullptr);
}

TEST_F(DlReadAheadTest, WhatIsDroppedIsNotGiven) {
  DlReadAhead ahead(kv_, /*has_thread=*/false);
  ahead.Expect({IdOf(0), IdOf(1), IdOf(2)});
  ahead.Drop(IdOf(0));
  EXPECT_EQ(ahead.Take(IdOf(0)), nullptr);
  ahead.DropList(kList + 1);
  EXPECT_NE(ahead.Take(IdOf(1)), nullptr);
  ahead.DropList(kList);
  EXPECT_EQ(ahead.Take(IdOf(2)), nullptr);
  ahead.Expect({IdOf(0)});
  ahead.Clear();
  EXPECT_EQ(ahead.Take(IdOf(0)), nullptr);
}

TEST_F(DlReadAheadTest, AnEntryThatIsNotThereIsNotGiven) {
  DlReadAhead ahead(kv_, /*has_thread=*/false);
  const v1::Dl unknown = maker_.Dl(dlma_, kList);
  ahead.Expect({*engine::DlUuid::Parse(unknown.uuid())});
  EXPECT_EQ(ahead.Take(*engine::DlUuid::Parse(unknown.uuid())), nullptr);
}

TEST_F(DlReadAheadTest, TheFirstGiveWayWhenThereAreTooMany) {
  DlReadAhead ahead(kv_, /*has_thread=*/false);
  ahead.Expect({IdOf(0)});
  std::vector<engine::DlUuid> others;
  for (size_t i = 0; i < DlReadAhead::kMaxExpected; ++i) {
    others.push_back(*engine::DlUuid::Parse(maker_.Dl(dlma_, kList).uuid()));
  }
  ahead.Expect(others);
  EXPECT_FALSE(ahead.IsExpected(IdOf(0)));
  EXPECT_TRUE(ahead.IsExpected(others.front()));
}

TEST_F(DlReadAheadTest, AThreadReadsWhileOthersGoOn) {
  DlReadAhead ahead(kv_, /*has_thread=*/true);
  for (size_t i = 0; i < dls_.size(); ++i) {
    engine::DlPtr dl;
    // One that is taken before it was read must be expected anew.
    while (dl == nullptr) {
      ahead.Expect({IdOf(i)});
      absl::SleepFor(absl::Milliseconds(1));
      dl = ahead.Take(IdOf(i));
    }
    EXPECT_SAME(*dl, dls_[i]);
  }
  ahead.Expect({IdOf(0), IdOf(1)});  // it ends in between
}

TEST_F(DlReadAheadTest, WhatARoundChangesAfterAScanIsReadAsItIsThen) {
  const auto scan = [this] {
    const auto classes = round().ListClasses(kList);
    ASSERT_TRUE(classes.ok());
    for (const engine::ClassCount& each : *classes) {
      ASSERT_TRUE(round().ScanIdle(kList, each.number, {}, 10).ok());
    }
  };
  v1::Dl changed = dls_[0];
  changed.set_revision(2);
  changed.set_detail("changed after the scan");
  scan();
  Put(&dls_[0], changed);
  EXPECT_SAME(**round().GetDl(IdOf(0)), changed);

  v1::Dl again = changed;
  again.set_revision(3);
  again.set_detail("changed before the scan");
  Put(&changed, again);
  scan();  // the store has the second revision yet, or none of both
  EXPECT_SAME(**round().GetDl(IdOf(0)), again);
  Commit();
  scan();
  EXPECT_SAME(**round().GetDl(IdOf(0)), again);
}

}  // namespace
}  // namespace outdial::storage
