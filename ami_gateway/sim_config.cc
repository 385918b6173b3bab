#include "ami_gateway/sim_config.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outdial::ami {
namespace {

constexpr absl::Duration kLabWrapup = absl::Seconds(1);

// The extensions of the lab.
std::vector<SimExtension> Extensions(const std::string& queue) {
  return {
      {"outbound", "play", {{"Answer", ""}, {"Playback", "hello-world"}, {"Hangup", ""}}},
      {"outbound", "wait", {{"Answer", ""}, {"Wait", "600"}, {"Hangup", ""}}},
      {"outbound", "queue", {{"Answer", ""}, {"Queue", queue}, {"Hangup", ""}}},
      {"outbound",
       "amd",
       {{"Answer", ""}, {"AMD", ""}, {"Queue", queue, "AMDSTATUS", "MACHINE"}, {"Hangup", ""}}},
  };
}

}  // namespace

SimAsteriskConfig LabSimConfig() {
  SimAsteriskConfig config;
  config.timestampevents = true;
  config.users = {
      {.name = "outdial",
       .secret = "lab-secret",
       .read = ParseAmiClasses("system,call,agent,dialplan,reporting"),
       .write = ParseAmiClasses("originate,call,reporting,system")},
      {.name = "lab",
       .secret = "lab-secret",
       .read = ParseAmiClasses("system,call,agent,dialplan,reporting,user"),
       .write = ParseAmiClasses("originate,call,reporting,system,agent,command")},
      {.name = "watcher", .secret = "lab-secret", .read = kAmiCall, .write = kAmiReporting},
  };
  config.endpoints = {
      {"trunk", SimEndpointKind::kPeople},
      {"dead", SimEndpointKind::kSilent},
      {"nocontact", SimEndpointKind::kNoContact},
  };
  config.queues = {{.name = "sales",
                    .members = {{"PJSIP/agent1-node1", "Agent 1", kLabWrapup},
                                {"PJSIP/agent2-node1", "Agent 2", kLabWrapup},
                                {"PJSIP/agent3-node1", "Agent 3", kLabWrapup},
                                {"PJSIP/agent4-node1", "Agent 4", kLabWrapup}}},
                   {.name = "nobody"}};
  config.parking.timeout = absl::Seconds(3);
  config.extensions = Extensions("sales");
  config.population.prefix_decides = true;
  return config;
}

SimAsteriskConfig CallCenterSimConfig(const std::string& user, const std::string& secret,
                                      const std::string& queue, int agents, absl::Duration wrapup) {
  SimAsteriskConfig config;
  config.timestampevents = true;
  config.users = {{.name = user, .secret = secret}};
  config.endpoints = {{"trunk", SimEndpointKind::kPeople}};
  config.any_endpoint = true;
  SimQueueConfig call_center{.name = queue};
  for (int i = 1; i <= agents; ++i) {
    call_center.members.push_back(
        {absl::StrFormat("PJSIP/agent%03d", i), absl::StrFormat("Agent %03d", i), wrapup});
  }
  config.queues = {std::move(call_center), {.name = "nobody"}};
  config.extensions = Extensions(queue);
  // Headsets that answer by themselves, as call centres use them: a person who answered is to hear
  // somebody within two seconds.
  config.population.agent_answer_delay = absl::Milliseconds(300);
  return config;
}

}  // namespace outdial::ami
