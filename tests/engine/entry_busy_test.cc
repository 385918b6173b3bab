// What is refused of an entry while it is dialled, through the real engine on the real record store
// in memory.
#include <string>
#include <utility>

#include "engine/errors.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_store.h"

namespace outdial::engine {
namespace {

// A list with one entry, which is dialled.
class EntryBusyTest : public EngineOnStore {
 protected:
  EntryBusyTest() {
    dlma_ = Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid();
    v1::OutDlListCreateRequest create;
    create.mutable_dl()->set_dlma_uuid(dlma_);
    create.mutable_dl()->add_number("123");
    idle_ = Do<v1::OutDlListCreateResponse>(create).dl();
    dialled_ = idle_;
    dialled_.set_status(v1::DL_STATUS_DIALING);
    dialled_.set_dialing_uuid(idle_.uuid());
    Put(idle_, dialled_);
  }

  void Put(const v1::Dl& before, const v1::Dl& after) {
    EXPECT_TRUE(store_->Round().PutDl(&before, after, now_.wall).ok());
    EXPECT_TRUE(store_->Commit().ok());
  }
  v1::OutDlListDeleteRequest DeleteEntry() const {
    v1::OutDlListDeleteRequest request;
    request.set_uuid(idle_.uuid());
    return request;
  }
  v1::OutDlmaDeleteRequest DeleteList() const {
    v1::OutDlmaDeleteRequest request;
    request.set_uuid(dlma_);
    return request;
  }
  void ExpectBusy(Action action) {
    const uint64_t events = store_->LastEvent();
    const absl::Status refused = Try(std::move(action)).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
    EXPECT_EQ(ReasonOf(refused), Reason::kEntryBusy);
    EXPECT_EQ(store_->LastEvent(), events);
    EXPECT_FALSE(store_->Dls({.dlma = *DlmaUuid::Parse(dlma_), .limit = 1})->dls.empty());
  }

  std::string dlma_;
  v1::Dl idle_, dialled_;
};

TEST_F(EntryBusyTest, TheEntryCantBeDeletedUntilItsDialingHasEnded) {
  ExpectBusy(DeleteEntry());
  Put(dialled_, idle_);
  Do<v1::OutDlListDeleteResponse>(DeleteEntry());
}

TEST_F(EntryBusyTest, TheListCantBeDeletedUntilItsDialingsHaveEnded) {
  ExpectBusy(DeleteList());
  Put(dialled_, idle_);
  Do<v1::OutDlmaDeleteResponse>(DeleteList());
}

TEST_F(EntryBusyTest, TriesCantBeSetUntilTheDialingHasEnded) {
  v1::OutDlListUpdateRequest update;
  update.mutable_dl()->set_uuid(idle_.uuid());
  update.mutable_dl()->add_trycnt(3);
  ExpectBusy(update);
  Put(dialled_, idle_);
  EXPECT_EQ(Do<v1::OutDlListUpdateResponse>(update).dl().trycnt(0), 3u);
}

}  // namespace
}  // namespace outdial::engine
