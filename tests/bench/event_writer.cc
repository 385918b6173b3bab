#include "tests/bench/event_writer.h"

#include "absl/time/clock.h"
#include "engine/check.h"
#include "storage/record_time.h"

namespace outdial::bench {
namespace {

constexpr engine::ListNumber kList = 1;

void Check(const absl::Status& status) {
  OUTDIAL_CHECK(status.ok(), std::string(status.message()).c_str());
}

}  // namespace

EventWriter::EventWriter(storage::RecordStore* store) : store_(store) {
  storage::RecordMaker maker;
  const v1::Dlma dlma = maker.Dlma();
  const v1::Plan plan = maker.Plan();
  const v1::Destination destination = maker.Destination();
  const v1::Campaign campaign = maker.Campaign();
  Check(store->Round().PutDlma(dlma, kList));
  for (int i = 0; i < kDialings; ++i) {
    const v1::Dl dl = maker.Dl(dlma, kList);
    dialings_.push_back(maker.Dialing(campaign, plan, dlma, destination, dl));
    Check(store->Round().CreateDialing(dialings_.back()));
  }
  Check(store->Commit());
}

uint64_t EventWriter::WriteRound(int events) {
  const absl::Time now = absl::Now();
  for (int i = 0; i < events; ++i) {
    v1::Dialing& dialing = dialings_[next_++ % dialings_.size()];
    dialing.set_revision(dialing.revision() + 1);
    dialing.set_tm_update(storage::FormatRecordNanos(absl::ToUnixNanos(now)));
    dialing.set_channel_name("PJSIP/trunk-0000002a");
    Check(store_->Round().UpdateDialing(dialing));
    Check(store_->Round().AppendEvent(
        {.kind = v1::EVENT_KIND_OUT_DIALING_UPDATE,
         .tm = now,
         .campaign = engine::CampaignUuid::Parse(dialing.camp_uuid()).value(),
         .record = &dialing}));
  }
  Check(store_->Commit());
  return store_->LastEventSequence();
}

}  // namespace outdial::bench
