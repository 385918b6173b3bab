#include "engine/record_form.h"

#include <optional>

#include "engine/dl_class.h"
#include "engine/now.h"
#include "engine/uuid.h"
#include "engine/variable_merger.h"

namespace outdial::engine {

void SetDefaults(v1::Campaign* campaign) {
  if (!campaign->has_status()) campaign->set_status(v1::CAMPAIGN_STATUS_STOP);
  if (!campaign->has_zone()) campaign->set_zone("UTC");
  if (!campaign->has_sc_mode()) campaign->set_sc_mode(v1::SCHEDULE_MODE_OFF);
}

void SetDefaults(v1::Plan* plan) {
  constexpr uint32_t kDefaultMaxRetry = 5;
  if (!plan->has_dial_mode()) plan->set_dial_mode(v1::DIAL_MODE_PREDICTIVE);
  if (!plan->has_dial_timeout()) plan->set_dial_timeout(30000);
  if (!plan->has_dl_end_handle()) plan->set_dl_end_handle(v1::DL_END_HANDLE_STOP);
  if (!plan->has_retry_delay()) plan->set_retry_delay(60);
  if (!plan->has_service_level()) plan->set_service_level(0);
  if (!plan->has_power_ratio()) plan->set_power_ratio(1.0);
  if (!plan->has_abandon_after()) plan->set_abandon_after(2000);
  if (!plan->has_abandon_target()) plan->set_abandon_target(3.0);
  if (!plan->has_pacing()) plan->set_pacing(v1::PACING_KIND_FORMULA);
  if (plan->max_retry().empty()) {
    for (int i = 0; i < kNumberSlots; ++i) plan->add_max_retry(kDefaultMaxRetry);
  }
}

void SetDefaults(v1::Dlma*) {}

void SetDefaults(v1::Destination* destination) {
  if (!destination->has_type()) destination->set_type(v1::DESTINATION_TYPE_EXTEN);
}

void SetDefaults(v1::Dl* dl) {
  while (dl->number_size() < kNumberSlots) dl->add_number("");
  while (dl->trycnt_size() < kNumberSlots) dl->add_trycnt(0);
}

// References in lower case; an empty one is absent.
void Normalize(const EngineConfig&, v1::Campaign* campaign) {
  const google::protobuf::Reflection& reflection = *campaign->GetReflection();
  for (const char* name : {"plan", "dlma", "dest", "next_campaign"}) {
    const auto* field = campaign->GetDescriptor()->FindFieldByName(name);
    if (!reflection.HasField(*campaign, field)) continue;
    const auto uuid = Uuid::Parse(reflection.GetString(*campaign, field));
    if (uuid.has_value()) {
      reflection.SetString(campaign, field, uuid->ToString());
    } else {
      reflection.ClearField(campaign, field);
    }
  }
}

void Normalize(const EngineConfig&, v1::Plan* plan) {
  KeepLastOfEachName(plan->mutable_variables());
}

void Normalize(const EngineConfig&, v1::Dlma* dlma) {
  KeepLastOfEachName(dlma->mutable_variables());
}

// The application is shown as it was given; what is dialled is told in dial_planner.cc.
void Normalize(const EngineConfig&, v1::Destination* destination) {
  KeepLastOfEachName(destination->mutable_variables());
}

// not_before in the form of every time in a record; an empty one is absent.
void Normalize(const EngineConfig&, v1::Dl* dl) {
  KeepLastOfEachName(dl->mutable_variables());
  if (!dl->has_not_before()) return;
  const absl::StatusOr<absl::Time> not_before = ParseRecordTime(dl->not_before());
  if (not_before.ok()) {
    dl->set_not_before(FormatRecordTime(*not_before));
  } else {
    dl->clear_not_before();
  }
}

}  // namespace outdial::engine
