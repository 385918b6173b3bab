// How many bytes a typical dialing writes, everything included.
#include <cstdint>
#include <iostream>
#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "storage/memory_store.h"
#include "storage/record_store.h"
#include "tests/storage/record_makers.h"

namespace outdial::storage {
namespace {

// Counts what passes through on its way to the real store.
class CountingStore : public MemoryStore {
 public:
  absl::Status Commit(const WriteBatch& batch, Durability durability) override {
    for (const WriteBatch::Op& op : batch.ops()) {
      // Kind, family and two lengths are what the log adds to key and value.
      bytes += op.key.size() + op.value.size() + 5;
      ++ops;
    }
    return MemoryStore::Commit(batch, durability);
  }
  uint64_t bytes = 0;
  uint64_t ops = 0;
};

TEST(VolumeTest, TypicalDialingWritesLessThanSixKilobytes) {
  auto counting = std::make_unique<CountingStore>();
  CountingStore& written = *counting;
  const auto store = *RecordStore::Open(std::move(counting), {});
  engine::RoundStore& round = store->Round();
  RecordMaker maker;
  const auto campaign = maker.Campaign();
  const auto plan = maker.Plan();
  const auto dlma = maker.Dlma();
  const auto destination = maker.Destination();
  const v1::Dl idle = maker.Dl(dlma, 1);
  ASSERT_TRUE(round.PutDlma(dlma, 1).ok());
  ASSERT_TRUE(round.PutDl(nullptr, idle, At(0)).ok());
  ASSERT_TRUE(store->Commit().ok());
  written.bytes = written.ops = 0;

  const auto campaign_uuid = *engine::CampaignUuid::Parse(campaign.uuid());
  const auto append = [&](v1::EventKind kind, decltype(engine::EventNote::record) record) {
    ASSERT_TRUE(
        round.AppendEvent({.kind = kind, .tm = At(1), .campaign = campaign_uuid, .record = record})
            .ok());
  };
  v1::Dialing dialing = maker.Dialing(campaign, plan, dlma, destination, idle);
  const auto update = [&](double seconds) {
    dialing.set_revision(dialing.revision() + 1);
    dialing.set_tm_update(TextAt(seconds));
    ASSERT_TRUE(round.UpdateDialing(dialing).ok());
    append(v1::EVENT_KIND_OUT_DIALING_UPDATE, &dialing);
    ASSERT_TRUE(store->Commit().ok());  // a round each: the dearest case
  };
  // Decided: two events.
  const v1::Dl dialled = Dialled(idle, dialing, 1);
  dialing.set_status(v1::DIALING_STATUS_ORIGINATE_REQUESTED);
  dialing.set_tm_dialing(TextAt(1));
  ASSERT_TRUE(round.PutDl(&idle, dialled, At(1)).ok());
  ASSERT_TRUE(round.CreateDialing(dialing).ok());
  append(v1::EVENT_KIND_OUT_DL_LIST_UPDATE, &dialled);
  append(v1::EVENT_KIND_OUT_DIALING_CREATE, &dialing);
  ASSERT_TRUE(store->Commit().ok());
  // On its way: five events.
  dialing.set_status(v1::DIALING_STATUS_CHANNEL_CREATED);
  dialing.set_channel_name("PJSIP/trunk-0000002a");
  update(1.1);
  dialing.set_status(v1::DIALING_STATUS_DIAL_BEGUN);
  dialing.set_tm_dial_begin(TextAt(1.2));
  update(1.2);
  dialing.set_status(v1::DIALING_STATUS_DIAL_ENDED);
  dialing.set_tm_dial_end(TextAt(5));
  dialing.set_tm_answer(TextAt(5));
  dialing.set_res_dial(v1::DIAL_RESULT_ANSWERED);
  dialing.set_res_dial_detail("answered");
  update(5);
  dialing.set_status(v1::DIALING_STATUS_ORIGINATE_RESPONSE_RECEIVED);
  dialing.set_queue("sales");
  update(5.1);
  dialing.set_agent("PJSIP/agent1");
  dialing.set_tm_agent_connect(TextAt(6));
  update(6);
  // Ended: two events.
  dialing.set_revision(dialing.revision() + 1);
  dialing.set_status(v1::DIALING_STATUS_HUNG_UP);
  dialing.set_outcome(v1::OUTCOME_HANDLED);
  dialing.set_res_hangup(16);
  dialing.set_res_hangup_detail("Normal Clearing");
  dialing.set_tm_hangup(TextAt(60));
  dialing.set_tm_update(TextAt(60));
  dialing.set_tm_delete(TextAt(60));
  const v1::Dl ended = Ended(dialled, v1::OUTCOME_HANDLED, 60);
  ASSERT_TRUE(round.PutDl(&dialled, ended, At(60)).ok());
  ASSERT_TRUE(round.EndDialing(dialing, 20779).ok());
  append(v1::EVENT_KIND_OUT_DIALING_DELETE, &dialing);
  append(v1::EVENT_KIND_OUT_DL_LIST_UPDATE, &ended);
  ASSERT_TRUE(store->Commit().ok());

  EXPECT_EQ(store->LastEvent(), 9u);
  std::cout << "one dialing with 9 events in 7 rounds: " << written.bytes << " bytes in "
            << written.ops << " writes\n";
  EXPECT_LT(written.bytes, 6000u);
}

}  // namespace
}  // namespace outdial::storage
