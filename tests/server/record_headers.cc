#include "tests/server/record_headers.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace outdial::server {
namespace {

std::optional<std::string> Given(bool is_given, absl::string_view text) {
  if (!is_given) return std::nullopt;
  return std::string(text);
}

template <class Number>
std::optional<std::string> GivenNumber(bool is_given, Number number) {
  if (!is_given) return std::nullopt;
  return absl::StrCat(number);
}

// A text whose absence can't be told from being empty.
std::optional<std::string> NotEmpty(absl::string_view text) { return Given(!text.empty(), text); }

template <class Record>
void AddVariables(const Record& record, RecordHeaders* headers) {
  if (record.variables().empty()) headers->emplace_back("Variable", std::nullopt);
  for (const v1::Variable& variable : record.variables()) {
    headers->emplace_back("Variable", absl::StrCat(variable.name(), "=", variable.value()));
  }
}

template <class Values>
void AddSlots(absl::string_view name, const Values& values, RecordHeaders* headers) {
  for (int i = 0; i < 8; ++i) {
    const std::string text = i < values.size() ? absl::StrCat(values[i]) : "";
    headers->emplace_back(absl::StrCat(name, i + 1), NotEmpty(text));
  }
}

template <class Record>
void AddNames(const Record& record, RecordHeaders* headers) {
  headers->emplace_back("Name", Given(record.has_name(), record.name()));
  headers->emplace_back("Detail", Given(record.has_detail(), record.detail()));
}

template <class Record>
void AddTimes(const Record& record, RecordHeaders* headers) {
  headers->emplace_back("TmCreate", NotEmpty(record.tm_create()));
  headers->emplace_back("TmDelete", Given(record.has_tm_delete(), record.tm_delete()));
  headers->emplace_back("TmUpdate", Given(record.has_tm_update(), record.tm_update()));
}

void Append(const RecordHeaders& more, RecordHeaders* headers) {
  headers->insert(headers->end(), more.begin(), more.end());
}

}  // namespace

RecordHeaders HeadersOf(const v1::Campaign& r) {
  RecordHeaders headers = {{"Uuid", NotEmpty(r.uuid())}};
  AddNames(r, &headers);
  Append({{"Status", GivenNumber<int>(r.has_status(), r.status())},
          {"Plan", Given(r.has_plan(), r.plan())},
          {"Dlma", Given(r.has_dlma(), r.dlma())},
          {"Dest", Given(r.has_dest(), r.dest())},
          {"ScMode", GivenNumber<int>(r.has_sc_mode(), r.sc_mode())},
          {"ScTimeStart", Given(r.has_sc_time_start(), r.sc_time_start())},
          {"ScTimeEnd", Given(r.has_sc_time_end(), r.sc_time_end())},
          {"ScDateStart", Given(r.has_sc_date_start(), r.sc_date_start())},
          {"ScDateEnd", Given(r.has_sc_date_end(), r.sc_date_end())},
          {"ScDateList", Given(r.has_sc_date_list(), r.sc_date_list())},
          {"ScDateListExcept", Given(r.has_sc_date_list_except(), r.sc_date_list_except())},
          {"ScDayList", Given(r.has_sc_day_list(), r.sc_day_list())},
          {"NextCampaign", Given(r.has_next_campaign(), r.next_campaign())},
          {"Zone", Given(r.has_zone(), r.zone())},
          {"MaxCalls", GivenNumber(r.has_max_calls(), r.max_calls())},
          {"CallsPerSecond", GivenNumber(r.has_calls_per_second(), r.calls_per_second())},
          {"WaitReason", GivenNumber<int>(true, r.wait_reason())},
          {"WaitDetail", NotEmpty(r.wait_detail())},
          {"StatusDetail", Given(r.has_status_detail(), r.status_detail())}},
         &headers);
  AddTimes(r, &headers);
  return headers;
}

RecordHeaders HeadersOf(const v1::Plan& r) {
  RecordHeaders headers = {{"Uuid", NotEmpty(r.uuid())}};
  AddNames(r, &headers);
  Append({{"DialMode", GivenNumber<int>(r.has_dial_mode(), r.dial_mode())},
          {"DialTimeout", GivenNumber(r.has_dial_timeout(), r.dial_timeout())},
          {"CallerId", Given(r.has_caller_id(), r.caller_id())},
          {"DlEndHandle", GivenNumber<int>(r.has_dl_end_handle(), r.dl_end_handle())},
          {"RetryDelay", GivenNumber(r.has_retry_delay(), r.retry_delay())},
          {"TrunkName", Given(r.has_trunk_name(), r.trunk_name())},
          {"TechName", Given(r.has_tech_name(), r.tech_name())}},
         &headers);
  AddVariables(r, &headers);
  AddSlots("MaxRetryCnt", r.max_retry(), &headers);
  Append({{"UuiField", Given(r.has_uui_field(), r.uui_field())},
          {"ServiceLevel", GivenNumber(r.has_service_level(), r.service_level())},
          {"PowerRatio", GivenNumber(r.has_power_ratio(), r.power_ratio())},
          {"AbandonAfter", GivenNumber(r.has_abandon_after(), r.abandon_after())},
          {"AbandonTarget", GivenNumber(r.has_abandon_target(), r.abandon_target())},
          {"MaxCallLength", GivenNumber(r.has_max_call_length(), r.max_call_length())},
          {"Pacing", GivenNumber<int>(r.has_pacing(), r.pacing())},
          {"RetryRules", Given(r.has_retry_rules(), r.retry_rules())}},
         &headers);
  AddTimes(r, &headers);
  return headers;
}

RecordHeaders HeadersOf(const v1::Dlma& r) {
  RecordHeaders headers = {{"Uuid", NotEmpty(r.uuid())}};
  AddNames(r, &headers);
  headers.emplace_back("DlTable", NotEmpty(r.dl_table()));
  AddVariables(r, &headers);
  AddTimes(r, &headers);
  return headers;
}

RecordHeaders HeadersOf(const v1::Destination& r) {
  RecordHeaders headers = {{"Uuid", NotEmpty(r.uuid())}};
  AddNames(r, &headers);
  Append({{"Type", GivenNumber<int>(r.has_type(), r.type())},
          {"Exten", Given(r.has_exten(), r.exten())},
          {"Context", Given(r.has_context(), r.context())},
          {"Priority", Given(r.has_priority(), r.priority())}},
         &headers);
  AddVariables(r, &headers);
  Append({{"Application", Given(r.has_application(), r.application())},
          {"Data", Given(r.has_data(), r.data())},
          {"AgentQueue", Given(r.has_agent_queue(), r.agent_queue())},
          {"MaxCalls", GivenNumber(r.has_max_calls(), r.max_calls())}},
         &headers);
  AddTimes(r, &headers);
  return headers;
}

RecordHeaders HeadersOf(const v1::Dl& r) {
  RecordHeaders headers = {{"Uuid", NotEmpty(r.uuid())}, {"DlmaUuid", NotEmpty(r.dlma_uuid())}};
  AddNames(r, &headers);
  Append({{"Status", GivenNumber<int>(true, r.status())}, {"UKey", Given(r.has_ukey(), r.ukey())}},
         &headers);
  AddVariables(r, &headers);
  Append({{"DialingUuid", Given(r.has_dialing_uuid(), r.dialing_uuid())},
          {"DialingCampUuid", Given(r.has_dialing_camp_uuid(), r.dialing_camp_uuid())},
          {"DialingPlanUuid", Given(r.has_dialing_plan_uuid(), r.dialing_plan_uuid())}},
         &headers);
  AddSlots("Number", r.number(), &headers);
  headers.emplace_back("Email", Given(r.has_email(), r.email()));
  AddSlots("TryCnt", r.trycnt(), &headers);
  Append({{"ResDial", GivenNumber<int>(r.has_res_dial(), r.res_dial())},
          {"ResDialDetail", Given(r.has_res_dial_detail(), r.res_dial_detail())},
          {"ResHangup", GivenNumber(r.has_res_hangup(), r.res_hangup())},
          {"ResHangupDetail", Given(r.has_res_hangup_detail(), r.res_hangup_detail())},
          {"UData", Given(r.has_udata(), r.udata())},
          {"Outcome", GivenNumber<int>(r.has_outcome(), r.outcome())},
          {"Priority", GivenNumber(r.has_priority(), r.priority())},
          {"NotBefore", Given(r.has_not_before(), r.not_before())},
          {"TmLastDial", Given(r.has_tm_last_dial(), r.tm_last_dial())},
          {"TmLastHangup", Given(r.has_tm_last_hangup(), r.tm_last_hangup())}},
         &headers);
  AddTimes(r, &headers);
  return headers;
}

RecordHeaders HeadersOf(const v1::Dialing& r) {
  RecordHeaders headers = {
      {"Uuid", NotEmpty(r.uuid())},
      {"Status", GivenNumber<int>(true, r.status())},
      {"CampUuid", NotEmpty(r.camp_uuid())},
      {"PlanUuid", NotEmpty(r.plan_uuid())},
      {"DlmaUuid", NotEmpty(r.dlma_uuid())},
      {"DestUuid", NotEmpty(r.dest_uuid())},
      {"DlListUuid", NotEmpty(r.dl_list_uuid())},
      {"DialIndex", GivenNumber(true, r.dial_index())},
      {"DialAddr", NotEmpty(r.dial_addr())},
      {"DialChannel", NotEmpty(r.dial_channel())},
      {"DialTryCnt", GivenNumber(true, r.dial_trycnt())},
      {"DialTimeout", GivenNumber(true, r.dial_timeout())},
      {"DialType", GivenNumber<int>(true, r.dial_type())},
      {"DialExten", Given(r.has_dial_exten(), r.dial_exten())},
      {"DialContext", Given(r.has_dial_context(), r.dial_context())},
      {"DialApplication", Given(r.has_dial_application(), r.dial_application())},
      {"DialData", Given(r.has_dial_data(), r.dial_data())}};
  AddVariables(r, &headers);
  Append({{"ChannelName", Given(r.has_channel_name(), r.channel_name())},
          {"ResDial", GivenNumber<int>(r.has_res_dial(), r.res_dial())},
          {"ResHangup", GivenNumber(r.has_res_hangup(), r.res_hangup())},
          {"ResHangupDetail", Given(r.has_res_hangup_detail(), r.res_hangup_detail())},
          {"ResAmd", Given(r.has_res_amd(), r.res_amd())},
          {"ResAmdDetail", Given(r.has_res_amd_detail(), r.res_amd_detail())},
          {"Outcome", GivenNumber<int>(r.has_outcome(), r.outcome())},
          {"DialPriority", Given(r.has_dial_priority(), r.dial_priority())},
          {"Node", NotEmpty(r.node())},
          {"Trunk", Given(r.has_trunk(), r.trunk())},
          {"OtherChannelId", Given(r.has_other_channel_id(), r.other_channel_id())},
          {"ResDialDetail", Given(r.has_res_dial_detail(), r.res_dial_detail())},
          {"SipCode", GivenNumber(r.has_sip_code(), r.sip_code())},
          {"Queue", Given(r.has_queue(), r.queue())},
          {"Agent", Given(r.has_agent(), r.agent())},
          {"TmDialing", Given(r.has_tm_dialing(), r.tm_dialing())},
          {"TmDialBegin", Given(r.has_tm_dial_begin(), r.tm_dial_begin())},
          {"TmAnswer", Given(r.has_tm_answer(), r.tm_answer())},
          {"TmDialEnd", Given(r.has_tm_dial_end(), r.tm_dial_end())},
          {"TmAgentConnect", Given(r.has_tm_agent_connect(), r.tm_agent_connect())},
          {"TmHangup", Given(r.has_tm_hangup(), r.tm_hangup())},
          {"TmCreate", NotEmpty(r.tm_create())},
          {"TmUpdate", Given(r.has_tm_update(), r.tm_update())},
          {"TmDelete", Given(r.has_tm_delete(), r.tm_delete())}},
         &headers);
  return headers;
}

}  // namespace outdial::server
