#include "ami_gateway/sim_actions.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ami_gateway/ami_variables.h"

namespace outdial::ami {
namespace {

constexpr size_t kMaxChannelIdLength = 149;

// `"Lab" <5550001>`, `Lab <5550001>` or `5550001`.
void ParseCallerId(absl::string_view text, SimOrder* order) {
  const size_t open = text.find('<');
  const size_t close = text.find('>');
  if (open == absl::string_view::npos || close == absl::string_view::npos || close < open) {
    order->caller_num = std::string(absl::StripAsciiWhitespace(text));
    return;
  }
  order->caller_num = std::string(text.substr(open + 1, close - open - 1));
  absl::string_view name = absl::StripAsciiWhitespace(text.substr(0, open));
  absl::ConsumePrefix(&name, "\"");
  absl::ConsumeSuffix(&name, "\"");
  order->caller_name = std::string(name);
}

void ParseVariables(const AmiMessage& action, SimOrder* order) {
  for (const absl::string_view list : action.GetAll("Variable")) {
    for (const std::string& entry : SplitAmiVariables(list)) {
      const size_t equals = entry.find('=');
      if (equals == std::string::npos) continue;  // sets nothing
      std::string name = entry.substr(0, equals);
      // The prefixes that make a variable inherited are no part of its name.
      name.erase(0, std::min(name.find_first_not_of('_'), size_t{2}));
      order->variables.emplace_back(std::move(name), entry.substr(equals + 1));
    }
  }
}

bool IsSystemApplication(absl::string_view application) {
  constexpr std::array<absl::string_view, 6> kSystem = {"System", "TrySystem", "Exec",
                                                        "ExecIf", "AGI",       "ExternalIVR"};
  for (const absl::string_view name : kSystem) {
    if (absl::EqualsIgnoreCase(application, name)) return true;
  }
  return false;
}

int64_t AgeSeconds(const SimChannel& channel, const engine::Now& now) {
  return absl::ToInt64Seconds(now.mono - channel.created);
}

}  // namespace

absl::StatusOr<SimOrder> ParseSimOrder(const AmiMessage& action, AmiClasses write) {
  SimOrder order;
  order.action_id = std::string(action.Get("ActionID"));
  order.channel = std::string(action.Get("Channel"));
  order.channel_id = std::string(action.Get("ChannelId"));
  order.application = std::string(action.Get("Application"));
  order.data = std::string(action.Get("Data"));
  order.account = std::string(action.Get("Account"));
  if (order.channel.empty()) return absl::InvalidArgumentError("Channel not specified");
  int64_t timeout_ms = 30000;
  if (!action.Get("Timeout").empty() && !absl::SimpleAtoi(action.Get("Timeout"), &timeout_ms)) {
    return absl::InvalidArgumentError("Invalid timeout");
  }
  order.timeout = absl::Milliseconds(timeout_ms);
  if (order.channel_id.size() > kMaxChannelIdLength ||
      action.Get("OtherChannelId").size() > kMaxChannelIdLength) {
    return absl::InvalidArgumentError(
        absl::StrCat("Uniqueid length exceeds maximum of ", kMaxChannelIdLength));
  }
  if (IsSystemApplication(order.application) && (write & kAmiSystem) == 0) {
    return absl::InvalidArgumentError("Originate Access Forbidden: app or data blacklisted");
  }
  if (order.application.empty()) {
    order.context = std::string(action.Get("Context"));
    order.exten = std::string(action.Get("Exten"));
    order.priority = action.GetInt("Priority").value_or(1);
  }
  ParseCallerId(action.Get("CallerID"), &order);
  ParseVariables(action, &order);
  return order;
}

bool HasSimModule(absl::string_view name) {
  constexpr std::array<absl::string_view, 8> kModules = {
      "chan_pjsip", "app_queue",   "app_amd",        "app_playback",
      "app_echo",   "res_parking", "app_confbridge", "res_musiconhold"};
  absl::ConsumeSuffix(&name, ".so");
  for (const absl::string_view module : kModules) {
    if (name == module) return true;
  }
  return false;
}

AmiMessage DescribeShownChannel(const SimChannel& channel, const engine::Now& now) {
  AmiMessage item{{"Event", "CoreShowChannel"}};
  AppendSnapshot(channel, "", &item);
  item.Add("Application", channel.application);
  item.Add("ApplicationData", channel.data);
  const int64_t age = AgeSeconds(channel, now);
  item.Add("Duration", absl::StrFormat("%02d:%02d:%02d", age / 3600, age / 60 % 60, age % 60));
  item.Add("BridgeId", channel.bridge_id);
  return item;
}

AmiMessage DescribeStatus(const SimChannel& channel, const engine::Now& now) {
  const auto or_unknown = [](const std::string& text) {
    return text.empty() ? std::string("<unknown>") : text;
  };
  AmiMessage item{{"Event", "Status"}, {"Privilege", "Call"}};
  AppendSnapshot(channel, "", &item);
  item.Add("Type", absl::StartsWith(channel.name, "Local/") ? "Local" : "PJSIP");
  item.Add("DNID", "");
  item.Add("EffectiveConnectedLineNum", or_unknown(channel.connected_num));
  item.Add("EffectiveConnectedLineName", or_unknown(channel.connected_name));
  item.Add("TimeToHangup", "0");
  item.Add("BridgeID", channel.bridge_id);
  item.Add("Application", channel.application);
  item.Add("Data", channel.data);
  item.Add("Nativeformats", "(ulaw)");
  item.Add("Readformat", "ulaw");
  item.Add("Readtrans", "");
  item.Add("Writeformat", "ulaw");
  item.Add("Writetrans", "");
  item.Add("Callgroup", "0");
  item.Add("Pickupgroup", "0");
  item.Add("Seconds", absl::StrCat(AgeSeconds(channel, now)));
  return item;
}

}  // namespace outdial::ami
