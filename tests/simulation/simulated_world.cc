#include "tests/simulation/simulated_world.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "tests/simulation/final_audit.h"
#include "tests/simulation/rocksdb_disk.h"

namespace outdial::simulation {

namespace {

const absl::Time kStart = absl::FromUnixSeconds(1767225600);  // 2026-01-01T00:00:00Z

constexpr absl::Duration kSampleInterval = absl::Seconds(30);
constexpr absl::Duration kLookInterval = absl::Seconds(3);
// How long all campaigns may take to end once nothing disturbs them.
constexpr absl::Duration kPatience = absl::Hours(24);
// How soon after the answer to a forced stop no call may be up, where nothing goes wrong.
constexpr absl::Duration kForceTime = absl::Seconds(1);
// A node that shuts down hangs up its calls so long before it closes its connections, with no
// cause.
constexpr absl::Duration kFarewell = absl::Seconds(2);

// Longer than a server is ever down: its clients go on with their events.
storage::RecordStoreOptions StoreOptions(const Scenario& scenario) {
  storage::RecordStoreOptions options;
  if (!scenario.trims) return options;
  options.keep_events_for = absl::Minutes(3);
  options.keep_results_for = absl::Minutes(1);
  return options;
}

}  // namespace

std::string WorldReport::Summary() const {
  return absl::StrCat(
      calls, " calls, ", events, " events, ", rounds, " rounds, ", starts, " server starts, ",
      absl::FormatDuration(absl::Trunc(lasted, absl::Seconds(1))), " of virtual time");
}

SimulatedWorld::SimulatedWorld(Scenario scenario, Log log)
    : scenario_(std::move(scenario)),
      clock_(kStart),
      violations_(&clock_),
      random_(ami::SimRandom::For(scenario_.seed, "world", 0)),
      watch_(&clock_, &bounds_, &violations_),
      fold_(&violations_),
      calm_(&clock_, &bounds_, &watch_, &fold_, &violations_),
      sends_(&clock_, &watch_, &fold_, &violations_),
      sample_at_(clock_.now().mono + kSampleInterval),
      look_at_(clock_.now().mono + kLookInterval),
      busy_until_(clock_.now().mono + scenario_.busy_time),
      give_up_at_(busy_until_ + kPatience) {
  // What the engine is not told of its agents, it can't know.
  watch_.set_agents_exact(!scenario_.faults.events);
  watch_.set_has_ended([this](const std::string& dialing) {
    if (server_->readable()) fold_.Follow(server_->store());
    return fold_.HasEnded(dialing);
  });
  watch_.set_may_write_off([this](const std::string& node) { return MayWriteOff(node); });
  if (!scenario_.faults.clock) {
    calm_.set_down_at([this](const std::string& name) {
      const engine::MonotonicTime down = NodeOf(name).down_at();
      // A server that came later knows the age of a dialing by the wall clock alone.
      const bool sure = readable_since_ + absl::Seconds(4) < down;
      return sure ? down : -absl::InfiniteDuration();
    });
  }
  fold_.set_on_ended([this](const std::string& dialing) { watch_.OnClosed(dialing); });
  fold_.set_clock_jumps(scenario_.faults.clock);
  bounds_.server = scenario_.config.server_cap;
  bounds_.trunk = scenario_.config.trunk_cap;
  for (const engine::NodeConfig& node : scenario_.config.nodes) bounds_.nodes[node.name] = node.cap;
  MakeServer(std::move(log));
  if (scenario_.one_input_per_round) server_->SplitRounds();
  if (scenario_.has_slow_commits) server_->SlowDownCommits();
  MakeNodes();
  client_ = std::make_unique<SimulatedClient>(
      &clock_, &violations_,
      [this](engine::ClientAction action) { server_->Post(std::move(action)); });
  if (scenario_.faults.clients) client_->RepeatCreates(scenario_.seed);
  script_ =
      std::make_unique<CampaignScript>(&scenario_, &clock_, client_.get(), &bounds_, &violations_);
  script_->set_on_forced([this](const std::string& campaign) {
    if (!scenario_.faults.any()) forced_[campaign] = clock_.now().mono + kForceTime;
  });
  std::vector<SimulatedNode*> nodes;
  for (const auto& node : nodes_) nodes.push_back(node.get());
  faults_ = std::make_unique<FaultDriver>(
      &scenario_, &clock_, std::move(nodes), server_.get(), &tally_,
      FaultDriver::Hooks{.calls_on = [this](const std::string& node) { return watch_.UpOn(node); },
                         .stop_by_force = [this] { script_->ForceSome(); }});
}

void SimulatedWorld::MakeNodes() {
  for (const NodePlan& plan : scenario_.nodes) {
    for (const ami::SimQueueConfig& queue : plan.config.queues) {
      bounds_.agents[queue.name] += static_cast<int>(queue.members.size());
    }
    nodes_.push_back(std::make_unique<SimulatedNode>(
        plan.name, plan.config, random_.Next(), &clock_, &watch_, &tally_,
        [this](engine::NodeEvent event) { server_->Post(std::move(event)); }));
  }
}

void SimulatedWorld::MakeServer(Log log) {
  ServerOutlets outlets;
  outlets.command = [this](const engine::NodeCommand& command) { OnCommand(command); };
  outlets.reply = [this](engine::Reply reply) {
    client_->OnReply(std::move(reply), server_->store());
  };
  outlets.wait = [this](const engine::CampaignWait& wait) {
    waits_[wait.campaign.ToString()] = wait;
  };
  outlets.events = [this](uint64_t last) { told_event_ = std::max(told_event_, last); };
  outlets.log = std::move(log);
  std::unique_ptr<SimulatedDisk> disk;
  if (scenario_.on_rocksdb) {
    disk = std::make_unique<RocksDbDisk>(scenario_.seed);
  } else {
    disk = std::make_unique<MemoryDisk>(scenario_.seed);
  }
  server_ = std::make_unique<SimulatedServer>(scenario_.config, StoreOptions(scenario_),
                                              scenario_.seed, std::move(disk), scenario_.planted,
                                              &clock_, &violations_, std::move(outlets));
}

// ---- Time

bool SimulatedWorld::GoesOn() const {
  const bool found = scenario_.planted != nullptr && violations_.count() > 0;
  return !broken_ && !found && !script_->done() && clock_.now().mono < give_up_at_;
}

WorldReport SimulatedWorld::Run() {
  StartServer();
  while (GoesOn()) {
    clock_.AdvanceTo(NextDue());
    AdvanceAll();
  }
  if (!broken_ && server_->up()) CheckEnd();
  return Report();
}

void SimulatedWorld::CheckEnd() {
  if (clock_.now().mono >= give_up_at_) ReportStuck();
  fold_.Follow(server_->store());
  fold_.Compare(server_->store());
  AuditStatistics(script_->campaigns(), server_->store(), violations_);
  if (!script_->done()) return;
  const auto lost_something = [this](const v1::Dialing& dialing, engine::MonotonicTime from,
                                     engine::MonotonicTime to) {
    const SimulatedNode& node = NodeOf(dialing.node());
    // Of what never left the process only its death takes the word.
    const auto& losses = node.Handed(dialing.uuid()) ? node.losses() : kills_;
    return std::any_of(losses.begin(), losses.end(), [&](engine::MonotonicTime at) {
      return from <= at && at <= to + kFarewell;
    });
  };
  AuditTheEnd({scenario_, *script_, watch_, fold_, lost_something}, server_->store(), violations_);
}

WorldReport SimulatedWorld::Report() const {
  FaultTally faults = tally_;
  for (const auto& [name, count] : server_->crashes()) faults[name] += count;
  if (script_->deleted_lists() > 0) faults["list_deleted"] += script_->deleted_lists();
  if (script_->twins().refused() > 0) faults["twin_refused"] += script_->twins().refused();
  if (script_->twins().merged() > 0) faults["twin_merged"] += script_->twins().merged();
  if (server_->readable()) {
    if (server_->store().OldestEvent() > 1) ++faults["events_trimmed"];
    const auto results = server_->store().Results({.limit = 1});
    if (results.ok() && results->trimmed_until.has_value()) ++faults["results_trimmed"];
  }
  return {.violations = violations_.kept(),
          .violation_count = violations_.count(),
          .calls = watch_.calls().size(),
          .events = fold_.last(),
          .rounds = server_->rounds(),
          .starts = server_->starts(),
          .faults = std::move(faults),
          .lasted = clock_.now().wall - kStart,
          .store = server_->up() ? server_->disk().Dump() : ""};
}

engine::MonotonicTime SimulatedWorld::NextDue() const {
  engine::MonotonicTime next =
      std::min({server_->NextDue(), client_->NextDue(), script_->NextDue(), faults_->NextDue(),
                restart_at_, sample_at_, look_at_, give_up_at_});
  if (clock_.now().mono < busy_until_) next = std::min(next, busy_until_);
  for (const auto& node : nodes_) next = std::min(next, node->NextDue());
  for (const auto& [campaign, by] : forced_) next = std::min(next, by);
  return next;
}

void SimulatedWorld::AdvanceAll() {
  if (restart_at_ <= clock_.now().mono) StartServer();
  if (broken_) return;
  engine::MonotonicTime disturbed = -absl::InfiniteDuration();
  for (const auto& node : nodes_) {
    node->Advance();
    disturbed = std::max(disturbed, node->disturbed_until());
  }
  watch_.DisturbUntil(disturbed);
  AdvancePhases();
  client_->Advance();
  if (!server_->Advance()) KillServer();
  if (!server_->readable()) {
    readable_since_ = absl::InfiniteDuration();
  } else {
    readable_since_ = std::min(readable_since_, clock_.now().mono);
    fold_.Follow(server_->store());
  }
  CheckForced();
  Look();
  Sample();
}

void SimulatedWorld::AdvancePhases() {
  if (busy_until_ <= clock_.now().mono && busy_until_ != absl::ZeroDuration()) {
    busy_until_ = absl::ZeroDuration();
    faults_->End();
    script_->WindDown();
  }
  script_->Advance(server_->readable() ? &server_->store() : nullptr);
  faults_->Advance();
}

void SimulatedWorld::Look() {
  if (look_at_ > clock_.now().mono) return;
  look_at_ = clock_.now().mono + kLookInterval;
  if (server_->readable() && !scenario_.faults.events) calm_.Look(CalmSince());
}

void SimulatedWorld::Sample() {
  if (sample_at_ > clock_.now().mono) return;
  sample_at_ = clock_.now().mono + kSampleInterval;
  if (!server_->readable()) return;
  AuditStatistics(script_->campaigns(), server_->store(), violations_);
  CheckProgress();
  if (random_.Chance(0.1)) fold_.Compare(server_->store());
}

// ---- The server's lives

void SimulatedWorld::StartServer() {
  restart_at_ = absl::InfiniteDuration();
  const bool first = server_->starts() == 0;
  if (!server_->Start(first ? std::nullopt : faults_->CrashOfNextLife())) {
    broken_ = true;
    return;
  }
  // What anybody was told must still be so.
  if (std::max(fold_.last(), told_event_) > server_->store().LastEvent()) {
    violations_.Add("events after ", server_->store().LastEvent(), " were told and are lost");
  }
  client_->CheckAnswers(server_->store());
  fold_.Follow(server_->store());
  AuditStatistics(script_->campaigns(), server_->store(), violations_);
  for (const auto& node : nodes_) node->StartProcess();
  client_->OnServerBack();
}

void SimulatedWorld::KillServer() {
  if (!server_->up()) return;
  kills_.push_back(clock_.now().mono);
  server_->Kill();
  for (const auto& node : nodes_) node->KillProcess();
  client_->OnServerLost();
  // Whoever looks after it starts it at once, or after some thought.
  const uint64_t most_ms = random_.Chance(0.3) ? 300 : 15000;
  restart_at_ = clock_.now().mono + absl::Milliseconds(50 + random_.Below(most_ms));
}

void SimulatedWorld::OnCommand(const engine::NodeCommand& command) {
  if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
    OnOriginate(command.node, *originate);
  }
  for (const auto& node : nodes_) {
    if (node->name() == command.node) node->Send(command);
  }
}

void SimulatedWorld::OnOriginate(const std::string& node, const engine::Originate& originate) {
  // It is on disk before it leaves.
  fold_.Follow(server_->store());
  const std::string uuid = originate.dialing.ToString();
  if (!fold_.IsLive(uuid)) {
    return violations_.Add("the Originate of ", uuid, " left, and no such dialing is durable");
  }
  const v1::Dialing& dialing = fold_.live().at(uuid);
  if (clock_.latest_server_wall() < script_->NotBefore(dialing.dl_list_uuid())) {
    violations_.Add("dialing ", uuid, " comes before the not_before of its entry");
  }
  if (script_->WasStopped(dialing.camp_uuid())) {
    violations_.Add("dialing ", uuid, " was made after its campaign was stopped");
  }
  calm_.OnOriginate(uuid);
  if (!scenario_.faults.events) sends_.OnOriginate(NodeOf(node), uuid, readable_since_);
}

// ---- Checks

const SimulatedNode& SimulatedWorld::NodeOf(const std::string& name) const {
  const auto node = std::find_if(nodes_.begin(), nodes_.end(),
                                 [&name](const auto& each) { return each->name() == name; });
  OUTDIAL_CHECK(node != nodes_.end(), "what is dialled is dialled on a node");
  return **node;
}

// Its people may be talking: nothing is closed before it was out of sight for a minute.
bool SimulatedWorld::MayWriteOff(const std::string& name) const {
  const SimulatedNode& node = NodeOf(name);
  return scenario_.faults.events || clock_.now().mono - node.last_in_sight() >= absl::Seconds(60);
}

engine::MonotonicTime SimulatedWorld::CalmSince() const {
  engine::MonotonicTime since = readable_since_;
  for (const auto& node : nodes_) {
    since = std::max({since, node->in_sight_since().value_or(absl::InfiniteDuration()),
                      node->disturbed_until()});
  }
  return since;
}

// Once nothing goes wrong any more, somebody is called as long as somebody is left to call.
void SimulatedWorld::CheckProgress() {
  // The longest that anybody waits for is the rest of a trunk that fails, 10 min.
  constexpr absl::Duration kLongestPause = absl::Minutes(20);
  if (busy_until_ > absl::ZeroDuration() || script_->done()) return;
  const engine::MonotonicTime since = std::max(watch_.last_change(), CalmSince());
  if (clock_.now().mono - since <= kLongestPause) return;
  give_up_at_ = clock_.now().mono;
}

void SimulatedWorld::CheckForced() {
  for (auto it = forced_.begin(); it != forced_.end();) {
    if (it->second > clock_.now().mono) {
      ++it;
      continue;
    }
    fold_.Follow(server_->store());
    const v1::CampaignStatus status = fold_.campaigns().at(it->first).status();
    const bool started_again =
        status != v1::CAMPAIGN_STATUS_STOP && status != v1::CAMPAIGN_STATUS_STOPPING_FORCED;
    if (!started_again && watch_.UpOf(it->first) > 0) {
      violations_.Add("campaign ", it->first, " was stopped by force and has ",
                      watch_.UpOf(it->first), " calls");
    }
    it = forced_.erase(it);
  }
}

void SimulatedWorld::ReportStuck() {
  for (const std::string& uuid : script_->campaigns()) {
    const auto id = *engine::CampaignUuid::Parse(uuid);
    const auto stat = server_->store().CampaignStat(id);
    const auto campaign = server_->store().GetCampaign(id);
    const engine::CampaignWait& wait = waits_[uuid];
    violations_.Add("campaign ", uuid, " does not end: status ",
                    campaign.ok() ? v1::CampaignStatus_Name(campaign->status()) : "lost", ", ",
                    stat.ok() ? stat->ShortDebugString() : "", ", waits for ",
                    v1::WaitReason_Name(wait.reason), ": ", wait.detail);
  }
  if (script_->campaigns().empty()) violations_.Add("the clients did not get to the campaigns");
}

}  // namespace outdial::simulation
