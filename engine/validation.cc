#include "engine/validation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/application_rules.h"
#include "engine/dial_string.h"
#include "engine/dl_class.h"
#include "engine/now.h"
#include "engine/uuid.h"
#include "engine/variable_merger.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace outdial::engine {
namespace {

using Problem = std::optional<std::string>;

constexpr size_t kMaxDialledDigits = 64;
constexpr size_t kMaxIdentifierBytes = 80;  // what Asterisk keeps of an extension or context
constexpr uint32_t kMaxCalls = 100000;
constexpr double kMaxCallsPerSecond = 1000;
constexpr uint32_t kMaxTries = 20;
constexpr uint32_t kMaxImportedTries = 1000;
constexpr uint32_t kMaxHangupCause = 127;

bool HoldsOnly(absl::string_view text, absl::string_view alphanumeric_and) {
  return std::all_of(text.begin(), text.end(), [alphanumeric_and](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
           alphanumeric_and.find(c) != absl::string_view::npos;
  });
}

// ---- UTF-8

// Length of the valid UTF-8 character that `text`, not empty, begins with; 0: none. Overlong
// forms, surrogates and what lies beyond U+10FFFF are not valid.
size_t Utf8CharacterBytes(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (byte(0) < 0x80) return 1;
  size_t length = 0;
  uint32_t code = 0;
  if (byte(0) >> 5 == 0x6) {
    length = 2;
    code = byte(0) & 0x1F;
  } else if (byte(0) >> 4 == 0xE) {
    length = 3;
    code = byte(0) & 0x0F;
  } else if (byte(0) >> 3 == 0x1E) {
    length = 4;
    code = byte(0) & 0x07;
  }
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 0x2) return 0;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kSmallest[length] || surrogate || code > 0x10FFFF ? 0 : length;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const size_t length = Utf8CharacterBytes(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// ---- Small forms

template <class Number>
Problem RangeProblem(Number value, Number low, Number high, absl::string_view unit = "") {
  if (value >= low && value <= high) return std::nullopt;
  return absl::StrCat("must be ", low, " to ", high, unit);
}

// A name that becomes part of a dial string or of the dialplan.
Problem IdentifierProblem(absl::string_view text) {
  if (!text.empty() && text.size() <= kMaxIdentifierBytes && HoldsOnly(text, "_-.+*#")) {
    return std::nullopt;
  }
  return absl::StrCat("must be 1 to ", kMaxIdentifierBytes, " of [0-9A-Za-z_-.+*#]");
}

Problem QueueNameProblem(absl::string_view text) {
  if (text.size() <= kMaxIdentifierBytes && HoldsOnly(text, "_-.+*#@ ")) return std::nullopt;
  return absl::StrCat("must be at most ", kMaxIdentifierBytes,
                      " letters, digits, spaces or _-.+*#@");
}

Problem TrunkNameProblem(absl::string_view text) {
  return text.empty() ? std::nullopt : IdentifierProblem(text);
}

Problem UuiFieldProblem(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  if (!IsSipHeaderField(text)) return VariableNameProblem(text);
  if (text.size() > 2 && text.size() <= kMaxIdentifierBytes && HoldsOnly(text, "-_.")) {
    return std::nullopt;
  }
  return absl::StrCat("must be a SIP header's name of at most ", kMaxIdentifierBytes,
                      " of [0-9A-Za-z_-.], such as X-Customer");
}

Problem PriorityProblem(absl::string_view text) {
  uint32_t number = 0;
  const bool is_number = absl::SimpleAtoi(text, &number) && number >= 1;
  const bool is_label = !text.empty() && text.size() <= kMaxIdentifierBytes &&
                        HoldsOnly(text, "_-") && !absl::ascii_isdigit(text[0]) && text[0] != '-';
  if (is_number || is_label) return std::nullopt;
  return "must be a number from 1 or a label of the dialplan";
}

// Two digits of at most `max`.
bool IsTwoDigits(absl::string_view text, int max) {
  int value = 0;
  return text.size() == 2 && absl::ascii_isdigit(text[0]) && absl::ascii_isdigit(text[1]) &&
         absl::SimpleAtoi(text, &value) && value <= max;
}

Problem TimeOfDayProblem(absl::string_view text) {
  const bool good =
      text.empty() ||
      (text.size() == 8 && text[2] == ':' && text[5] == ':' && IsTwoDigits(text.substr(0, 2), 23) &&
       IsTwoDigits(text.substr(3, 2), 59) && IsTwoDigits(text.substr(6, 2), 59));
  return good ? std::nullopt : Problem("must be hh:mm:ss, 00:00:00 to 23:59:59");
}

bool IsDate(absl::string_view text) {
  return text.size() == 10 && ParseRecordTime(absl::StrCat(text, "T00:00:00Z")).ok();
}

Problem DateProblem(absl::string_view text) {
  return text.empty() || IsDate(text) ? std::nullopt : Problem("must be a day written YYYY-MM-DD");
}

Problem DateListProblem(absl::string_view text) {
  const std::vector<absl::string_view> days = absl::StrSplit(text, ',');
  const bool good = text.empty() || std::all_of(days.begin(), days.end(), IsDate);
  return good ? std::nullopt : Problem("must be days written YYYY-MM-DD, separated by commas");
}

Problem WeekdayListProblem(absl::string_view text) {
  const std::vector<absl::string_view> days = absl::StrSplit(text, ',');
  const bool good = text.empty() || std::all_of(days.begin(), days.end(), [](auto day) {
                      return day.size() == 1 && day[0] >= '0' && day[0] <= '6';
                    });
  return good ? std::nullopt : Problem("must be weekdays 0 (Sunday) to 6, separated by commas");
}

Problem ReferenceProblem(absl::string_view uuid) {
  return uuid.empty() ? std::nullopt : UuidProblem(uuid);
}

// ---- Variables

// What goes out as a variable's value has to fit into an AMI line together with its name, also
// when it is escaped, since Asterisk splits a Variable header at commas.
Problem VariableValueProblem(absl::string_view value) {
  if (Problem problem = TextProblem(value)) return problem;
  const auto escapes = std::count_if(value.begin(), value.end(),
                                     [](char c) { return c == ',' || c == '"' || c == '\\'; });
  if (value.size() + static_cast<size_t>(escapes) <= kMaxTextBytes) return std::nullopt;
  return absl::StrCat("must be at most ", kMaxTextBytes,
                      " bytes, counting commas, quotes and backslashes twice");
}

void CheckVariables(absl::string_view record,
                    const google::protobuf::RepeatedPtrField<v1::Variable>& variables,
                    FieldChecker& checker) {
  if (variables.size() > kMaxVariablesPerRecord) {
    checker.Add(absl::StrCat(record, ".variables"),
                absl::StrCat("must be at most ", kMaxVariablesPerRecord,
                             " variables: an Originate holds no more"));
    return;
  }
  for (int i = 0; i < variables.size(); ++i) {
    const std::string field = absl::StrCat(record, ".variables[", i, "]");
    checker.Check(absl::StrCat(field, ".name"), VariableNameProblem(variables[i].name()));
    checker.Check(absl::StrCat(field, ".value"), VariableValueProblem(variables[i].value()));
  }
}

// ---- Parts of records

void CheckSchedule(const v1::Campaign& campaign, FieldChecker& checker) {
  if (!v1::ScheduleMode_IsValid(campaign.sc_mode())) {
    checker.Add("campaign.sc_mode", "must be 0 (off)");
  } else if (campaign.sc_mode() == v1::SCHEDULE_MODE_ON) {
    checker.AddNotAvailable("campaign.sc_mode", "leave it 0 (off)");
  }
  checker.Check("campaign.sc_time_start", TimeOfDayProblem(campaign.sc_time_start()));
  checker.Check("campaign.sc_time_end", TimeOfDayProblem(campaign.sc_time_end()));
  checker.Check("campaign.sc_date_start", DateProblem(campaign.sc_date_start()));
  checker.Check("campaign.sc_date_end", DateProblem(campaign.sc_date_end()));
  checker.Check("campaign.sc_date_list", TextProblem(campaign.sc_date_list()));
  checker.Check("campaign.sc_date_list", DateListProblem(campaign.sc_date_list()));
  checker.Check("campaign.sc_date_list_except", TextProblem(campaign.sc_date_list_except()));
  checker.Check("campaign.sc_date_list_except", DateListProblem(campaign.sc_date_list_except()));
  checker.Check("campaign.sc_day_list", WeekdayListProblem(campaign.sc_day_list()));
}

void CheckDialMode(const v1::Plan& plan, FieldChecker& checker) {
  constexpr absl::string_view kAvailable =
      "use 0 (none), 1 (predictive), 3 (power), 4 (robo) or 6 (progressive)";
  if (!v1::DialMode_IsValid(plan.dial_mode())) {
    checker.Add("plan.dial_mode",
                "must be 0 (none), 1 (predictive), 3 (power), 4 (robo) or 6 (progressive)");
  } else if (plan.dial_mode() == v1::DIAL_MODE_PREVIEW ||
             plan.dial_mode() == v1::DIAL_MODE_REDIRECT) {
    checker.AddNotAvailable("plan.dial_mode", kAvailable);
  }
}

void CheckPacing(const v1::Plan& plan, FieldChecker& checker) {
  if (!v1::PacingKind_IsValid(plan.pacing())) {
    checker.Add("plan.pacing", "must be 0 (formula)");
  } else if (plan.pacing() == v1::PACING_KIND_STATISTICAL) {
    checker.AddNotAvailable("plan.pacing", "use 0 (formula)");
  }
  if (plan.has_retry_rules()) checker.AddNotAvailable("plan.retry_rules", "leave it out");
}

void CheckMaxRetry(const v1::Plan& plan, FieldChecker& checker) {
  if (plan.max_retry_size() != 0 && plan.max_retry_size() != kNumberSlots) {
    checker.Add("plan.max_retry", "must be eight values, one for each number");
  }
  for (int i = 0; i < std::min(plan.max_retry_size(), kNumberSlots); ++i) {
    checker.Check(absl::StrCat("plan.max_retry[", i, "]"),
                  RangeProblem(plan.max_retry(i), 0U, kMaxTries));
  }
}

void CheckApplication(const v1::Destination& destination, const EngineConfig& config,
                      FieldChecker& checker) {
  checker.Check("destination.data", TextProblem(destination.data()));
  if (destination.application().empty()) return;
  checker.Check("destination.application", ApplicationProblem(destination.application(), config));
  if (absl::EqualsIgnoreCase(destination.application(), "Queue")) {
    checker.Check("destination.data", QueueDataProblem(destination.data()));
  }
}

void CheckExtension(const v1::Destination& destination, const EngineConfig& config,
                    FieldChecker& checker) {
  if (!destination.exten().empty()) {
    checker.Check("destination.exten", IdentifierProblem(destination.exten()));
  }
  if (!destination.priority().empty()) {
    checker.Check("destination.priority", PriorityProblem(destination.priority()));
  }
  const std::vector<std::string>& allowed = config.allowed_contexts;
  if (!destination.context().empty() &&
      std::find(allowed.begin(), allowed.end(), destination.context()) == allowed.end()) {
    checker.Add("destination.context",
                absl::StrCat("must be one of allowed_contexts in the configuration: ",
                             allowed.empty() ? "it names none" : absl::StrJoin(allowed, ", ")));
  }
}

void CheckNumbers(const v1::Dl& dl, const EngineConfig& config, FieldChecker& checker) {
  if (dl.number_size() > kNumberSlots) checker.Add("dl.number", "must be at most eight numbers");
  bool any = false;
  for (int i = 0; i < std::min(dl.number_size(), kNumberSlots); ++i) {
    if (dl.number(i).empty()) continue;
    any = true;
    checker.Check(absl::StrCat("dl.number[", i, "]"), NumberProblem(dl.number(i), config));
  }
  if (!any) checker.Add("dl.number", "must hold at least one number");
}

// What a create may bring along from a list that was worked elsewhere.
void CheckResult(const v1::Dl& dl, FieldChecker& checker) {
  if (dl.trycnt_size() > kNumberSlots) checker.Add("dl.trycnt", "must be at most eight values");
  for (int i = 0; i < std::min(dl.trycnt_size(), kNumberSlots); ++i) {
    checker.Check(absl::StrCat("dl.trycnt[", i, "]"),
                  RangeProblem(dl.trycnt(i), 0U, kMaxImportedTries));
  }
  if (!v1::Outcome_IsValid(dl.outcome())) {
    checker.Add("dl.outcome", "must be 0 to 12, a code of Outcome");
  }
  if (!v1::DialResult_IsValid(dl.res_dial())) {
    checker.Add("dl.res_dial",
                "must be 0 (failed), 3 (timeout), 4 (answered), 5 (busy) or 8 (congestion)");
  }
  checker.Check("dl.res_dial_detail", TextProblem(dl.res_dial_detail()));
  checker.Check("dl.res_hangup", RangeProblem(dl.res_hangup(), 0U, kMaxHangupCause));
  checker.Check("dl.res_hangup_detail", TextProblem(dl.res_hangup_detail()));
}

}  // namespace

// ---- Values

Problem TextProblem(absl::string_view text) {
  if (text.size() > kMaxTextBytes) return absl::StrCat("must be at most ", kMaxTextBytes, " bytes");
  if (text.find_first_of(absl::string_view("\r\n\0", 3)) != absl::string_view::npos) {
    return "must not hold CR, LF or NUL";
  }
  if (!IsUtf8(text)) return "must be valid UTF-8";
  return std::nullopt;
}

Problem UuidProblem(absl::string_view text) {
  if (Uuid::Parse(text).has_value()) return std::nullopt;
  return "must be a uuid, such as 0192b7c4-5d2e-7a31-9c5b-2f6d1e8a4b07";
}

Problem RequestIdProblem(absl::string_view request_id) {
  if (request_id.empty() || request_id.size() > kMaxRequestIdBytes) {
    return absl::StrCat("must be 1 to ", kMaxRequestIdBytes, " bytes");
  }
  return TextProblem(request_id);
}

Problem NumberProblem(absl::string_view number, const EngineConfig& config) {
  if (Problem problem = TextProblem(number)) return problem;
  if (!IsSipAddress(number)) {
    const std::string dialled = DialledNumber(number);
    if (!dialled.empty() && dialled.size() <= kMaxDialledDigits && HoldsOnly(dialled, "+*#_")) {
      return std::nullopt;
    }
    return absl::StrCat("must be 1 to ", kMaxDialledDigits,
                        " of [+*#0-9A-Za-z_], not counting spaces, ( ) - and . , or an address "
                        "sip:user@host");
  }
  const std::optional<std::string> host = SipHost(number);
  if (!host.has_value()) {
    return "must be sip:user@host[:port] without parameters, the user of [0-9A-Za-z+*#_.-]";
  }
  const std::vector<std::string>& allowed = config.allowed_sip_hosts;
  if (std::none_of(allowed.begin(), allowed.end(), [&host](const std::string& name) {
        return absl::EqualsIgnoreCase(name, *host);
      })) {
    return absl::StrCat("must name a host of allowed_sip_hosts in the configuration: ",
                        allowed.empty() ? "it names none" : absl::StrJoin(allowed, ", "));
  }
  return std::nullopt;
}

Problem VariableNameProblem(absl::string_view name) {
  absl::string_view base = name;
  for (int i = 0; i < 2; ++i) base = absl::StripPrefix(base, "_");
  if (base.empty() || name.size() > kMaxIdentifierBytes ||
      !absl::ascii_isalpha(static_cast<unsigned char>(base[0])) || !HoldsOnly(base, "_")) {
    return absl::StrCat("must be [A-Za-z][A-Za-z0-9_]* after at most two _, at most ",
                        kMaxIdentifierBytes, " bytes; functions can't be set");
  }
  if (absl::StartsWithIgnoreCase(base, kOwnVariablePrefix)) {
    return absl::StrCat("must not begin with ", kOwnVariablePrefix,
                        ": these variables are Outdial's own");
  }
  return std::nullopt;
}

// ---- Records

void CheckCampaign(const v1::Campaign& campaign, const EngineConfig& /*config*/,
                   FieldChecker& checker) {
  checker.Check("campaign.name", TextProblem(campaign.name()));
  checker.Check("campaign.detail", TextProblem(campaign.detail()));
  if (!v1::CampaignStatus_IsValid(campaign.status())) {
    checker.Add("campaign.status", "must be 0 (stop), 1 (start), 2 (pause) or 30 (force stop)");
  }
  checker.Check("campaign.plan", ReferenceProblem(campaign.plan()));
  checker.Check("campaign.dlma", ReferenceProblem(campaign.dlma()));
  checker.Check("campaign.dest", ReferenceProblem(campaign.dest()));
  checker.Check("campaign.next_campaign", ReferenceProblem(campaign.next_campaign()));
  checker.Check("campaign.zone", TextProblem(campaign.zone()));
  if (campaign.has_max_calls()) {
    checker.Check("campaign.max_calls", RangeProblem(campaign.max_calls(), 1U, kMaxCalls));
  }
  const double rate = campaign.calls_per_second();
  if (campaign.has_calls_per_second() && !(rate > 0 && rate <= kMaxCallsPerSecond)) {
    checker.Add("campaign.calls_per_second",
                absl::StrCat("must be above 0 and at most ", kMaxCallsPerSecond));
  }
  CheckSchedule(campaign, checker);
}

void CheckPlan(const v1::Plan& plan, const EngineConfig& config, FieldChecker& checker) {
  checker.Check("plan.name", TextProblem(plan.name()));
  checker.Check("plan.detail", TextProblem(plan.detail()));
  CheckDialMode(plan, checker);
  checker.Check("plan.uui_field", UuiFieldProblem(plan.uui_field()));
  if (plan.has_dial_timeout()) {
    checker.Check("plan.dial_timeout", RangeProblem(plan.dial_timeout(), 1000U, 300000U, " ms"));
  }
  checker.Check("plan.caller_id", TextProblem(plan.caller_id()));
  if (!v1::DlEndHandle_IsValid(plan.dl_end_handle())) {
    checker.Add("plan.dl_end_handle", "must be 0 (keep running) or 1 (stop)");
  }
  checker.Check("plan.retry_delay", RangeProblem(plan.retry_delay(), 0U, 31536000U, " s"));
  checker.Check("plan.trunk_name", TrunkNameProblem(plan.trunk_name()));
  checker.Check("plan.tech_name", TechNameProblem(plan.tech_name(), config));
  checker.Check("plan.service_level", RangeProblem(plan.service_level(), 0U, 10000U));
  CheckMaxRetry(plan, checker);
  CheckVariables("plan", plan.variables(), checker);
  if (plan.has_power_ratio()) {
    checker.Check("plan.power_ratio", RangeProblem(plan.power_ratio(), 1.0, 10.0));
  }
  if (plan.has_abandon_after()) {
    checker.Check("plan.abandon_after", RangeProblem(plan.abandon_after(), 500U, 60000U, " ms"));
  }
  checker.Check("plan.abandon_target", RangeProblem(plan.abandon_target(), 0.0, 100.0, " percent"));
  if (plan.has_max_call_length()) {
    checker.Check("plan.max_call_length", RangeProblem(plan.max_call_length(), 1U, 86400U, " s"));
  }
  CheckPacing(plan, checker);
}

void CheckDlma(const v1::Dlma& dlma, const EngineConfig& /*config*/, FieldChecker& checker) {
  checker.Check("dlma.name", TextProblem(dlma.name()));
  checker.Check("dlma.detail", TextProblem(dlma.detail()));
  CheckVariables("dlma", dlma.variables(), checker);
}

void CheckDestination(const v1::Destination& destination, const EngineConfig& config,
                      FieldChecker& checker) {
  checker.Check("destination.name", TextProblem(destination.name()));
  checker.Check("destination.detail", TextProblem(destination.detail()));
  if (!v1::DestinationType_IsValid(destination.type())) {
    checker.Add("destination.type", "must be 0 (extension) or 1 (application)");
  }
  CheckExtension(destination, config, checker);
  CheckApplication(destination, config, checker);
  CheckVariables("destination", destination.variables(), checker);
  checker.Check("destination.agent_queue", QueueNameProblem(destination.agent_queue()));
  if (destination.has_max_calls()) {
    checker.Check("destination.max_calls", RangeProblem(destination.max_calls(), 1U, kMaxCalls));
  }
}

void CheckDl(const v1::Dl& dl, const EngineConfig& config, FieldChecker& checker) {
  checker.Check("dl.dlma_uuid", UuidProblem(dl.dlma_uuid()));
  checker.Check("dl.name", TextProblem(dl.name()));
  checker.Check("dl.detail", TextProblem(dl.detail()));
  checker.Check("dl.ukey", VariableValueProblem(dl.ukey()));
  checker.Check("dl.udata", VariableValueProblem(dl.udata()));
  CheckNumbers(dl, config, checker);
  checker.Check("dl.email", TextProblem(dl.email()));
  CheckVariables("dl", dl.variables(), checker);
  if (dl.has_priority()) checker.AddNotAvailable("dl.priority", "leave it out");
  if (dl.has_not_before()) {
    const absl::StatusOr<absl::Time> time = ParseRecordTime(dl.not_before());
    if (!time.ok()) checker.Add("dl.not_before", time.status().message());
  }
  CheckResult(dl, checker);
}

}  // namespace outdial::engine
