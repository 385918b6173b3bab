#include "cli/top_json.h"

namespace outdial::cli {
namespace {

using Json = nlohmann::ordered_json;

// As the server writes times: UTC with nine digits of fraction.
std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E9SZ", time, absl::UTCTimeZone());
}

void AddIfKnown(const char* name, const std::optional<double>& value, Json* json) {
  if (value.has_value()) (*json)[name] = *value;
}

Json CampaignJson(const TopCampaign& campaign) {
  Json json = {{"uuid", campaign.uuid},
               {"name", campaign.name},
               {"status", v1::CampaignStatus_Name(campaign.status)},
               {"wait_reason", v1::WaitReason_Name(campaign.wait_reason)},
               {"wait_detail", campaign.wait_detail},
               {"status_detail", campaign.status_detail},
               {"calls", campaign.calls},
               {"answered", campaign.answered},
               {"abandoned", campaign.abandoned}};
  AddIfKnown("abandoned_percent", campaign.abandoned_percent, &json);
  json["left"] = campaign.left;
  json["total"] = campaign.total;
  AddIfKnown("answered_per_minute", campaign.answered_per_minute, &json);
  AddIfKnown("finished_per_minute", campaign.finished_per_minute, &json);
  if (campaign.expected_end.has_value()) json["tm_expected_end"] = TimeText(*campaign.expected_end);
  return json;
}

Json QueueJson(const TopQueue& queue) {
  return {{"name", queue.name},       {"nodes", queue.nodes},     {"free", queue.free},
          {"talking", queue.talking}, {"ringing", queue.ringing}, {"wrap_up", queue.wrap_up},
          {"paused", queue.paused},   {"offline", queue.offline}, {"waiting", queue.waiting}};
}

Json NodeJson(const v1::Node& node) {
  Json json = {{"name", node.name()},
               {"state", v1::NodeState_Name(node.state())},
               {"calls", node.calls()},
               {"max_calls", node.max_calls()},
               {"calls_per_second", node.calls_per_second()},
               {"originate_delay_ms", node.originate_delay_ms()},
               {"problems", Json::array()}};
  for (const std::string& problem : node.problems()) json["problems"].push_back(problem);
  return json;
}

}  // namespace

Json TopJson(const TopView& view, const std::string& server) {
  Json json = {{"tm", TimeText(view.time)}, {"server", server}, {"calls", view.calls}};
  AddIfKnown("answered_per_minute", view.answered_per_minute, &json);
  json["campaigns"] = Json::array();
  json["queues"] = Json::array();
  json["nodes"] = Json::array();
  for (const TopCampaign& campaign : view.campaigns) {
    json["campaigns"].push_back(CampaignJson(campaign));
  }
  for (const TopQueue& queue : view.queues) json["queues"].push_back(QueueJson(queue));
  for (const v1::Node& node : view.nodes) json["nodes"].push_back(NodeJson(node));
  return json;
}

}  // namespace outdial::cli
