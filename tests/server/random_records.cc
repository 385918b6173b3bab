#include "tests/server/random_records.h"

#include "absl/strings/str_cat.h"

namespace outdial::server {

std::string RandomRecords::Text() {
  static const std::vector<std::string> kTexts = {"",
                                                  "plain",
                                                  "Zo\xc3\xab \xe2\x82\xac",
                                                  "with: colon",
                                                  "a,b \"c\" \\d",
                                                  "tab\there",
                                                  std::string(900, 'n'),
                                                  "ends with blank ",
                                                  "Action: Ping"};
  return OneOf(kTexts);
}

std::string RandomRecords::Number() { return absl::StrCat("+1 (555) ", 1000000 + Below(9000000)); }

template <class Record>
void RandomRecords::FillNames(Record* record) {
  if (OneIn(2)) record->set_name(Text());
  if (OneIn(2)) record->set_detail(Text());
}

template <class Record>
void RandomRecords::FillVariables(Record* record) {
  if (!OneIn(2)) return;
  const uint64_t count = 1 + Below(3);
  for (uint64_t i = 0; i < count; ++i) {
    v1::Variable* variable = record->add_variables();
    variable->set_name(absl::StrCat(OneOf<std::string>({"", "_", "__"}), "name", i));
    variable->set_value(OneOf<std::string>({"", "1", "a=b", "x,y", "\"quoted\"", "back\\slash"}));
  }
}

void RandomRecords::Fill(const KnownUuids& known, v1::Campaign* campaign) {
  FillNames(campaign);
  if (!known.plans.empty() && OneIn(2)) campaign->set_plan(OneOf(known.plans));
  if (!known.dlmas.empty() && OneIn(2)) campaign->set_dlma(OneOf(known.dlmas));
  if (!known.destinations.empty() && OneIn(2)) campaign->set_dest(OneOf(known.destinations));
  if (!known.campaigns.empty() && OneIn(8)) {
    campaign->set_next_campaign(OneOf(known.campaigns));
  }
  if (OneIn(4)) campaign->set_zone(OneOf<std::string>({"UTC", "Europe/Berlin"}));
  if (OneIn(4)) campaign->set_max_calls(1 + Below(100));
  if (OneIn(4)) campaign->set_calls_per_second(OneOf<double>({0.5, 2.25, 100}));
}

void RandomRecords::Fill(const KnownUuids&, v1::Plan* plan) {
  FillNames(plan);
  FillVariables(plan);
  if (OneIn(2)) {
    plan->set_dial_mode(OneOf<v1::DialMode>(
        {v1::DIAL_MODE_NONE, v1::DIAL_MODE_PREDICTIVE, v1::DIAL_MODE_ROBO, v1::DIAL_MODE_POWER}));
  }
  if (OneIn(4)) plan->set_uui_field(OneOf<std::string>({"X-Customer", "CUSTOMER"}));
  if (OneIn(4)) plan->set_dial_timeout(1000 + Below(60000));
  if (OneIn(4)) plan->set_caller_id("\"Out, dial\" <5550100>");
  if (OneIn(4)) plan->set_dl_end_handle(v1::DL_END_HANDLE_KEEP_RUNNING);
  if (OneIn(4)) plan->set_retry_delay(Below(5));
  if (OneIn(2)) plan->set_trunk_name("trunk");
  if (OneIn(4)) plan->set_tech_name(OneOf<std::string>({"pjsip/", "PJSIP"}));
  if (OneIn(4)) plan->set_service_level(Below(10));
  if (OneIn(4)) {
    for (int i = 0; i < 8; ++i) plan->add_max_retry(Below(4));
  }
  if (OneIn(4)) plan->set_power_ratio(OneOf<double>({1, 1.5, 10}));
  if (OneIn(4)) plan->set_abandon_after(500 + Below(5000));
  if (OneIn(4)) plan->set_abandon_target(OneOf<double>({0, 2.5, 100}));
  if (OneIn(4)) plan->set_max_call_length(1 + Below(600));
}

void RandomRecords::Fill(const KnownUuids&, v1::Dlma* dlma) {
  FillNames(dlma);
  FillVariables(dlma);
}

void RandomRecords::Fill(const KnownUuids&, v1::Destination* destination) {
  FillNames(destination);
  FillVariables(destination);
  destination->set_type(v1::DESTINATION_TYPE_APPLICATION);
  destination->set_application(OneOf<std::string>({"park", "Queue", "Echo"}));
  destination->set_data(destination->application() == "Queue" ? "sales" : "");
  if (OneIn(4)) destination->set_max_calls(1 + Below(50));
}

void RandomRecords::Fill(const KnownUuids&, v1::Dl* dl) {
  FillNames(dl);
  FillVariables(dl);
  if (OneIn(2)) dl->set_ukey(Text());
  if (OneIn(2)) dl->set_udata(Text());
  if (OneIn(4)) dl->set_email("someone@example.com");
  if (OneIn(8)) dl->set_not_before("2031-02-03T04:05:06.000000000Z");
}

void RandomRecords::Complete(const KnownUuids& known, v1::Dl* dl) {
  dl->set_dlma_uuid(OneOf(known.dlmas));
  const uint64_t numbers = 1 + Below(8);
  for (uint64_t i = 0; i < numbers; ++i) dl->add_number(Number());
  if (!OneIn(4)) return;
  for (int i = 0; i < 8; ++i) dl->add_trycnt(Below(3));
  dl->set_res_dial(v1::DIAL_RESULT_BUSY);
  dl->set_res_dial_detail("busy");
  dl->set_res_hangup(17);
  dl->set_res_hangup_detail("User busy");
}

}  // namespace outdial::server
