#include "ami_gateway/dial_action.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

namespace outdial::ami {
namespace {

constexpr absl::string_view kOriginatePrefix = "outdial-dialing-";

// Asterisk cuts a Variable header at commas, into several variables, and drops quotes and
// backslashes; escaped, the value arrives as it is and can set nothing but its own variable.
std::string EscapeVariable(absl::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == ',' || c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::string OriginateActionId(const engine::DialingUuid& dialing) {
  return absl::StrCat(kOriginatePrefix, dialing.ToString());
}

std::optional<engine::DialingUuid> DialingOfActionId(absl::string_view action_id) {
  if (!absl::ConsumePrefix(&action_id, kOriginatePrefix)) return std::nullopt;
  return DialingOfUniqueid(action_id);
}

std::optional<engine::DialingUuid> DialingOfUniqueid(absl::string_view uniqueid) {
  const std::optional<engine::DialingUuid> dialing = engine::DialingUuid::Parse(uniqueid);
  if (!dialing.has_value() || dialing->bytes[6] >> 4 != 7) return std::nullopt;
  return dialing;
}

AmiMessage OriginateAction(const engine::Originate& originate) {
  AmiMessage action{{"Action", "Originate"},
                    {"ActionID", OriginateActionId(originate.dialing)},
                    {"Async", "true"},
                    {"ChannelId", originate.dialing.ToString()},
                    {"Channel", originate.channel}};
  if (!originate.application.empty()) {
    action.Add("Application", originate.application);
    if (!originate.data.empty()) action.Add("Data", originate.data);
  } else {
    action.Add("Context", originate.context);
    action.Add("Exten", originate.exten);
    action.Add("Priority", originate.priority.empty() ? "1" : originate.priority);
  }
  action.Add("Timeout", absl::StrCat(absl::ToInt64Milliseconds(originate.timeout)));
  if (!originate.caller_id.empty()) action.Add("CallerID", originate.caller_id);
  for (const auto& [name, value] : originate.variables) {
    action.Add("Variable", absl::StrCat(name, "=", EscapeVariable(value)));
  }
  return action;
}

AmiMessage HangupAction(const engine::Hangup& hangup) {
  return {{"Action", "Hangup"},
          {"Channel", hangup.dialing.ToString()},
          {"Cause", absl::StrCat(hangup.cause)}};
}

}  // namespace outdial::ami
