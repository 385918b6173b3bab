#include "tests/simulation/scenario.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace outdial::simulation {

namespace {

constexpr char kQueue[] = "sales";
constexpr char kExtensionContext[] = "outbound";
constexpr double kTrimmingShare = 0.3;
constexpr double kTwinsShare = 0.3;

// `low` to `high`, both inclusive.
int Draw(ami::SimRandom& random, int low, int high) {
  return low + static_cast<int>(random.Below(static_cast<uint64_t>(high - low) + 1));
}

template <class Value, size_t kSize>
Value Pick(ami::SimRandom& random, const std::array<Value, kSize>& values) {
  return values[random.Below(kSize)];
}

FaultKinds DrawFaults(ami::SimRandom& random) {
  FaultKinds kinds;
  // Some worlds are good ones: there the checkers know best what must be.
  if (random.Chance(0.2)) return kinds;
  kinds.connections = random.Chance(0.6);
  kinds.server = random.Chance(0.7);
  kinds.events = kinds.connections && kinds.server && random.Chance(0.25);
  kinds.clock = random.Chance(0.25);
  kinds.clients = random.Chance(0.5);
  return kinds;
}

NodePlan DrawNode(ami::SimRandom& random, uint64_t seed, int number) {
  NodePlan node;
  node.name = absl::StrCat("node", number);
  const absl::Duration wrapup = absl::Seconds(Pick(random, std::array{0, 0, 2, 5}));
  node.config = ami::CallCenterSimConfig("outdial", "secret", kQueue, Draw(random, 2, 8), wrapup);
  node.config.seed = seed * 10 + static_cast<uint64_t>(number);
  node.config.timestampevents = number == 1;
  // Each node has agents of its own.
  for (ami::SimMemberConfig& member : node.config.queues.front().members) {
    member.interface = absl::StrCat(member.interface, "-", number);
  }
  // One that no channel can be made to.
  node.config.endpoints.push_back({"unregistered", ami::SimEndpointKind::kNoContact});
  node.config.parking.first_space = 701;
  node.config.parking.last_space = 700 + Draw(random, 2, 20);
  ami::SimPopulationOptions& people = node.config.population;
  people.seed = seed;
  people.ring_time = absl::Seconds(Draw(random, 1, 6));
  // Longer than a node may be out of sight before its calls are given up, where they may be.
  const bool talkative = random.Chance(0.5);
  people.talk_time = absl::Seconds(talkative ? Draw(random, 60, 300) : Draw(random, 5, 30));
  people.patience = absl::Seconds(Draw(random, 5, 30));
  people.agent_answer_delay = absl::Milliseconds(Draw(random, 0, 2000));
  return node;
}

v1::Plan DrawPlan(ami::SimRandom& random, v1::DialMode mode) {
  v1::Plan plan;
  plan.set_dial_mode(mode);
  plan.set_dial_timeout(static_cast<uint32_t>(Draw(random, 8, 20)) * 1000);
  plan.set_retry_delay(static_cast<uint32_t>(Pick(random, std::array{0, 5, 60, 300})));
  plan.set_dl_end_handle(random.Chance(0.7) ? v1::DL_END_HANDLE_STOP
                                            : v1::DL_END_HANDLE_KEEP_RUNNING);
  for (int slot = 0; slot < 8; ++slot) {
    plan.add_max_retry(static_cast<uint32_t>(Draw(random, slot == 0 ? 1 : 0, 2)));
  }
  if (random.Chance(0.8)) plan.set_trunk_name("trunk");
  if (random.Chance(0.3)) plan.set_uui_field("X-Customer");
  if (random.Chance(0.3)) plan.set_max_call_length(static_cast<uint32_t>(Draw(random, 5, 20)));
  if (mode == v1::DIAL_MODE_POWER) plan.set_power_ratio(1.0 + random.Unit());
  if (mode == v1::DIAL_MODE_PREDICTIVE) plan.set_service_level(random.Below(3) == 0 ? 2 : 0);
  if (random.Chance(0.5)) plan.set_abandon_target(100);
  return plan;
}

v1::Destination DrawDestination(ami::SimRandom& random, bool needs_agents) {
  v1::Destination destination;
  switch (needs_agents ? random.Below(2) : random.Below(5)) {
    case 0:
      destination.set_type(v1::DESTINATION_TYPE_APPLICATION);
      destination.set_application("Queue");
      destination.set_data(absl::StrCat(kQueue, ",,,,20"));
      break;
    case 1:
      destination.set_type(v1::DESTINATION_TYPE_EXTEN);
      destination.set_context(kExtensionContext);
      destination.set_exten("queue");
      destination.set_agent_queue(kQueue);
      break;
    case 2:
      destination.set_type(v1::DESTINATION_TYPE_APPLICATION);
      destination.set_application("Park");
      break;
    case 3:
      destination.set_type(v1::DESTINATION_TYPE_EXTEN);
      destination.set_context(kExtensionContext);
      destination.set_exten("play");
      break;
    default:
      destination.set_type(v1::DESTINATION_TYPE_APPLICATION);
      destination.set_application("Playback");
      destination.set_data("hello-world");
      break;
  }
  if (random.Chance(0.3)) destination.set_max_calls(static_cast<uint32_t>(Draw(random, 1, 10)));
  return destination;
}

CampaignPlan DrawCampaign(ami::SimRandom& random, size_t number, size_t lists) {
  CampaignPlan campaign;
  campaign.plan = campaign.destination = number;
  campaign.list = random.Below(lists);
  if (random.Chance(0.3)) campaign.record.set_max_calls(static_cast<uint32_t>(Draw(random, 1, 8)));
  if (random.Chance(0.3)) {
    campaign.record.set_calls_per_second(Pick(random, std::array{0.5, 1.0, 2.0, 3.5}));
  }
  return campaign;
}

engine::EngineConfig DrawConfig(ami::SimRandom& random, const std::vector<NodePlan>& nodes) {
  engine::EngineConfig config;
  config.allowed_contexts = {kExtensionContext};
  config.server_cap = {.max_calls = Draw(random, 5, 60),
                       .calls_per_second = Pick(random, std::array{2.0, 5.0, 20.0})};
  config.trunk_cap = {.max_calls = Draw(random, 5, 40),
                      .calls_per_second = Pick(random, std::array{2.0, 5.0, 10.0})};
  for (const NodePlan& node : nodes) {
    config.nodes.push_back({node.name,
                            {.max_calls = Draw(random, 3, 30),
                             .calls_per_second = Pick(random, std::array{1.0, 5.0, 10.0})}});
  }
  return config;
}

}  // namespace

v1::Dl DrawEntry(ami::SimRandom& random, int number) {
  v1::Dl dl;
  dl.set_name(absl::StrCat("person ", number));
  dl.set_ukey(absl::StrCat("key-", number));
  if (random.Chance(0.3)) dl.set_udata(absl::StrCat("data ", number));
  const int numbers = random.Chance(0.6) ? 1 : Draw(random, 2, 8);
  for (int slot = 0; slot < numbers; ++slot) {
    // A gap between numbers is allowed, an entry without any is not.
    const bool left_out = slot > 0 && slot + 1 < numbers && random.Chance(0.1);
    dl.add_number(left_out ? "" : absl::StrFormat("+49 7%06d-%d", number, slot));
  }
  return dl;
}

Scenario DrawScenario(uint64_t seed) {
  ami::SimRandom random = ami::SimRandom::For(seed, "scenario", 0);
  Scenario scenario;
  scenario.seed = seed;
  scenario.faults = DrawFaults(random);
  // A clock that is set forward would trim what no client had the time to read. Drawn apart, so
  // that all else stays as it was.
  scenario.trims =
      !scenario.faults.clock && ami::SimRandom::For(seed, "trims", 0).Chance(kTrimmingShare);
  scenario.twins = ami::SimRandom::For(seed, "twins", 0).Chance(kTwinsShare);
  const int nodes = Draw(random, 1, 2);
  for (int i = 1; i <= nodes; ++i) scenario.nodes.push_back(DrawNode(random, seed, i));
  scenario.config = DrawConfig(random, scenario.nodes);

  int entry = 0;
  const int lists = Draw(random, 1, 2);
  for (int i = 0; i < lists; ++i) {
    std::vector<v1::Dl>& list = scenario.lists.emplace_back();
    // Events and results go many at once, which a short list does not have.
    const bool is_long = random.Chance(0.1) || scenario.trims;
    const int entries = is_long ? Draw(random, 200, 500) : Draw(random, 30, 100);
    for (int j = 0; j < entries; ++j) list.push_back(DrawEntry(random, ++entry));
  }
  constexpr std::array kModes{v1::DIAL_MODE_PREDICTIVE, v1::DIAL_MODE_POWER, v1::DIAL_MODE_ROBO,
                              v1::DIAL_MODE_PROGRESSIVE};
  const int campaigns = Draw(random, 1, 3);
  for (int i = 0; i < campaigns; ++i) {
    const v1::DialMode mode = Pick(random, kModes);
    scenario.plans.push_back(DrawPlan(random, mode));
    scenario.destinations.push_back(
        DrawDestination(random, mode == v1::DIAL_MODE_POWER || mode == v1::DIAL_MODE_PROGRESSIVE));
    scenario.campaigns.push_back(
        DrawCampaign(random, static_cast<size_t>(i), scenario.lists.size()));
    // Made in reverse, so that the next one is there when it is named.
    if (i > 0 && random.Chance(0.3)) scenario.campaigns.back().next_campaign = i - 1;
  }
  return scenario;
}

}  // namespace outdial::simulation
