#include "tests/storage/record_makers.h"

#include "absl/strings/str_cat.h"
#include "engine/now.h"

namespace outdial::storage {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1795341600);

template <class Record>
Record Made(std::string uuid) {
  Record record;
  record.set_uuid(std::move(uuid));
  record.set_revision(1);
  record.set_tm_create(TextAt(0));
  return record;
}

}  // namespace

absl::Time At(double seconds) { return kStart + absl::Seconds(seconds); }

std::string TextAt(double seconds) { return engine::FormatRecordTime(At(seconds)); }

std::string RecordMaker::Uuid(engine::ListNumber list) {
  return uuids_.Next(kStart, list).ToString();
}

v1::Campaign RecordMaker::Campaign() {
  auto campaign = Made<v1::Campaign>(Uuid());
  campaign.set_name("spring");
  return campaign;
}

v1::Plan RecordMaker::Plan() {
  auto plan = Made<v1::Plan>(Uuid());
  for (int i = 0; i < 8; ++i) plan.add_max_retry(3);
  return plan;
}

v1::Dlma RecordMaker::Dlma() {
  auto dlma = Made<v1::Dlma>(Uuid());
  dlma.set_name("customers");
  return dlma;
}

v1::Destination RecordMaker::Destination() {
  auto destination = Made<v1::Destination>(Uuid());
  destination.set_application("Queue");
  destination.set_data("sales");
  return destination;
}

v1::Dl RecordMaker::Dl(const v1::Dlma& dlma, engine::ListNumber list) {
  auto dl = Made<v1::Dl>(Uuid(list));
  dl.set_dlma_uuid(dlma.uuid());
  dl.set_name("Ada Lovelace");
  dl.set_ukey(absl::StrCat("customer-", dl.uuid().substr(30)));
  dl.set_udata("vip=1;lang=en");
  dl.add_number("+44 (20) 7946-0958");
  dl.add_number("5550100");
  for (int i = 2; i < 8; ++i) dl.add_number("");
  for (int i = 0; i < 8; ++i) dl.add_trycnt(0);
  return dl;
}

v1::Dialing RecordMaker::Dialing(const v1::Campaign& campaign, const v1::Plan& plan,
                                 const v1::Dlma& dlma, const v1::Destination& destination,
                                 const v1::Dl& dl) {
  const engine::ListNumber list = engine::Uuid::Parse(dl.uuid())->list_number();
  auto dialing = Made<v1::Dialing>(Uuid(list));
  dialing.set_camp_uuid(campaign.uuid());
  dialing.set_camp_revision(campaign.revision());
  dialing.set_plan_uuid(plan.uuid());
  dialing.set_plan_revision(plan.revision());
  dialing.set_dlma_uuid(dlma.uuid());
  dialing.set_dlma_revision(dlma.revision());
  dialing.set_dest_uuid(destination.uuid());
  dialing.set_dest_revision(destination.revision());
  dialing.set_dl_list_uuid(dl.uuid());
  dialing.set_dl_list_revision(dl.revision());
  dialing.set_dial_index(1);
  dialing.set_dial_addr("+442079460958");
  dialing.set_dial_channel("PJSIP/+442079460958@trunk");
  dialing.set_dial_trycnt(dl.trycnt(0) + 1);
  dialing.set_dial_timeout(30000);
  dialing.set_dial_type(v1::DESTINATION_TYPE_APPLICATION);
  dialing.set_dial_application("Queue");
  dialing.set_dial_data("sales");
  dialing.set_node("asterisk-1");
  dialing.set_trunk("trunk");
  for (const char* name : {"OUTDIAL_DIALING_UUID", "OUTDIAL_CAMPAIGN_UUID", "OUTDIAL_DL_UUID"}) {
    v1::Variable* variable = dialing.add_variables();
    variable->set_name(name);
    variable->set_value(dialing.uuid());
  }
  v1::Variable* ukey = dialing.add_variables();
  ukey->set_name("OUTDIAL_UKEY");
  ukey->set_value(dl.ukey());
  return dialing;
}

v1::Dl Dialled(const v1::Dl& idle, const v1::Dialing& dialing, double seconds) {
  v1::Dl dl = idle;
  dl.set_revision(idle.revision() + 1);
  dl.set_tm_update(TextAt(seconds));
  dl.set_status(v1::DL_STATUS_DIALING);
  dl.set_dialing_uuid(dialing.uuid());
  dl.set_dialing_camp_uuid(dialing.camp_uuid());
  dl.set_dialing_plan_uuid(dialing.plan_uuid());
  dl.set_trycnt(0, idle.trycnt(0) + 1);
  dl.set_tm_last_dial(TextAt(seconds));
  return dl;
}

v1::Dl Ended(const v1::Dl& dialled, v1::Outcome outcome, double seconds) {
  v1::Dl dl = dialled;
  dl.set_revision(dialled.revision() + 1);
  dl.set_tm_update(TextAt(seconds));
  dl.set_status(v1::DL_STATUS_IDLE);
  dl.clear_dialing_uuid();
  dl.clear_dialing_camp_uuid();
  dl.clear_dialing_plan_uuid();
  dl.set_outcome(outcome);
  dl.set_res_dial(outcome == v1::OUTCOME_HANDLED ? v1::DIAL_RESULT_ANSWERED
                                                 : v1::DIAL_RESULT_TIMEOUT);
  dl.set_res_dial_detail(outcome == v1::OUTCOME_HANDLED ? "answered" : "rang for 30 s");
  dl.set_res_hangup(16);
  dl.set_res_hangup_detail("Normal Clearing");
  dl.set_tm_last_hangup(TextAt(seconds));
  return dl;
}

}  // namespace outdial::storage
