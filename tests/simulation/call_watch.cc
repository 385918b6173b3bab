#include "tests/simulation/call_watch.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/uuid.h"

namespace outdial::simulation {

namespace {

// Only channels of dialings have such a Uniqueid.
bool IsDialing(absl::string_view uniqueid) { return engine::Uuid::Parse(uniqueid).has_value(); }

// A window in which at most `calls` may begin.
struct Window {
  size_t calls;
  absl::Duration length;
};

Window WindowOf(double calls_per_second) {
  const double calls = std::max(1.0, std::floor(calls_per_second));
  return {static_cast<size_t>(calls), absl::Seconds(calls / calls_per_second)};
}

}  // namespace

void CallWatch::OnEvent(const std::string& node, const ami::AmiMessage& event) {
  const absl::string_view name = event.Get("Event");
  if (name == "Newchannel") return OnNewChannel(node, event);
  if (name == "VarSet") return OnVariable(event);
  if (name == "DialBegin") return OnDial(event);
  if (name == "Newstate" && event.Get("ChannelStateDesc") == "Up") {
    const auto call = calls_.find(std::string(event.Get("Uniqueid")));
    if (call != calls_.end()) call->second.answered = clock_->now().mono;
  }
  if (name == "AgentConnect") {
    const auto call = calls_.find(std::string(event.Get("Uniqueid")));
    if (call != calls_.end()) call->second.got_agent = clock_->now().mono;
  }
  if (name == "Hangup") OnEnd(std::string(event.Get("Uniqueid")));
}

void CallWatch::OnDown(const std::string& node) {
  std::vector<std::string> gone;
  for (const std::string& dialing : up_) {
    if (calls_.at(dialing).node == node) gone.push_back(dialing);
  }
  for (const std::string& dialing : gone) OnEnd(dialing);
}

size_t CallWatch::UpOf(absl::string_view campaign) const {
  return static_cast<size_t>(std::count_if(up_.begin(), up_.end(), [&](const std::string& uuid) {
    return calls_.at(uuid).campaign == campaign;
  }));
}

size_t CallWatch::UpOn(absl::string_view node) const {
  return static_cast<size_t>(std::count_if(up_.begin(), up_.end(), [&](const std::string& uuid) {
    return calls_.at(uuid).node == node;
  }));
}

void CallWatch::OnNewChannel(const std::string& node, const ami::AmiMessage& event) {
  const std::string dialing(event.Get("Uniqueid"));
  if (!IsDialing(dialing)) return;
  if (calls_.contains(dialing)) {
    violations_->Add("dialing ", dialing, " was called twice, on ", calls_.at(dialing).node,
                     " and on ", node);
  }
  if (has_ended_ && has_ended_(dialing)) {
    violations_->Add("dialing ", dialing, " is called after it has ended");
  }
  WatchedCall& call = calls_[dialing];
  call.dialing = dialing;
  call.node = node;
  call.began = last_change_ = clock_->now().mono;
  up_.insert(dialing);
}

void CallWatch::OnVariable(const ami::AmiMessage& event) {
  const auto call = calls_.find(std::string(event.Get("Uniqueid")));
  if (call == calls_.end()) return;
  const absl::string_view name = event.Get("Variable");
  const std::string value(event.Get("Value"));
  if (name == "OUTDIAL_DL_UUID") call->second.entry = value;
  if (name == "OUTDIAL_CAMPAIGN_UUID") call->second.campaign = value;
}

// Everything about the call is known now.
void CallWatch::OnDial(const ami::AmiMessage& event) {
  const auto call = calls_.find(std::string(event.Get("DestUniqueid")));
  if (call == calls_.end()) return;
  const absl::string_view target = event.Get("DialString");
  const size_t at = target.find('@');
  call->second.number = std::string(target.substr(0, at));
  if (at != absl::string_view::npos) call->second.trunk = std::string(target.substr(at + 1));
  Begin(call->second);
}

void CallWatch::OnEnd(const std::string& dialing) {
  const auto found = calls_.find(dialing);
  if (found == calls_.end()) return;
  WatchedCall& call = found->second;
  call.ended = clock_->longest();
  call.hung_up = last_change_ = clock_->now().mono;
  Leave(call);
}

void CallWatch::OnClosed(const std::string& dialing) {
  const auto found = calls_.find(dialing);
  if (found == calls_.end()) return;
  WatchedCall& call = found->second;
  call.closed = clock_->now().mono;
  if (!up_.contains(dialing)) return;
  if (!may_write_off_(call.node)) {
    violations_->Add("dialing ", dialing, " is closed while its call is up");
  }
  call.written_off = true;
  Leave(call);
}

void CallWatch::Leave(const WatchedCall& call) {
  if (up_.erase(call.dialing) == 0) return;
  ForEachCap(call, [](const std::string&, const engine::Cap&, Recent& recent) { --recent.up; });
}

// ---- Checks

void CallWatch::Begin(WatchedCall& call) {
  if (!bounds_->campaigns.contains(call.campaign)) {
    violations_->Add("call of dialing ", call.dialing, " names no campaign");
    return;
  }
  CheckEntry(call);
  last_of_entry_[call.entry] = call.dialing;
  ForEachCap(call, [this](const std::string& name, const engine::Cap& cap, Recent& recent) {
    ++recent.up;
    recent.starts.push_back(clock_->now().mono);
    CheckCap(name, cap, recent);
  });
  CheckAgents(call);
}

void CallWatch::CheckEntry(const WatchedCall& call) {
  const auto last = last_of_entry_.find(call.entry);
  if (last == last_of_entry_.end()) return;
  const WatchedCall& before = calls_.at(last->second);
  if (before.written_off) return;
  if (!before.ended.has_value()) {
    violations_->Add("entry ", call.entry, " is called by ", call.dialing, " while ",
                     before.dialing, " is up");
    return;
  }
  const absl::Duration delay = clock_->longest() - *before.ended;
  const absl::Duration least =
      bounds_->campaigns.at(call.campaign).retry_delay.Least(clock_->now().mono);
  if (delay < least) {
    violations_->Add("entry ", call.entry, " is called again by ", call.dialing, " after ",
                     absl::FormatDuration(delay), ", before its retry delay of ",
                     absl::FormatDuration(least));
  }
}

void CallWatch::CheckAgents(const WatchedCall& call) {
  const CampaignBounds& campaign = bounds_->campaigns.at(call.campaign);
  if (!agents_exact_ || campaign.queue.empty()) return;
  int calls = 0;
  for (const std::string& dialing : up_) {
    const auto other = bounds_->campaigns.find(calls_.at(dialing).campaign);
    if (other == bounds_->campaigns.end() || other->second.queue != campaign.queue) continue;
    // Another mode may have called more people than there are agents.
    if (!other->second.progressive) return;
    ++calls;
  }
  const int agents = bounds_->agents.at(campaign.queue);
  if (calls > agents) {
    violations_->Add("dialing ", call.dialing, " is call ", calls, " for the ", agents,
                     " agents of queue ", campaign.queue, " in progressive mode");
  }
}

template <class Visit>
void CallWatch::ForEachCap(const WatchedCall& call, Visit visit) {
  constexpr double kAnyRate = 1e6;
  visit("server", bounds_->server, recent_["server"]);
  visit(absl::StrCat("node ", call.node), bounds_->nodes.at(call.node),
        recent_[absl::StrCat("node ", call.node)]);
  if (!call.trunk.empty()) {
    const std::string key = absl::StrCat("trunk ", call.trunk);
    visit(key, bounds_->trunk, recent_[key]);
  }
  const auto campaign = bounds_->campaigns.find(call.campaign);
  if (campaign == bounds_->campaigns.end()) return;
  if (campaign->second.cap.has_value()) {
    const std::string key = absl::StrCat("campaign ", call.campaign);
    visit(key, *campaign->second.cap, recent_[key]);
  }
  const auto destination = bounds_->destinations.find(campaign->second.destination);
  if (destination == bounds_->destinations.end()) return;
  const std::string key = absl::StrCat("destination ", destination->first);
  visit(key, engine::Cap{destination->second, kAnyRate}, recent_[key]);
}

void CallWatch::CheckCap(const std::string& name, const engine::Cap& cap, Recent& recent) {
  if (recent.up > cap.max_calls) {
    violations_->Add(name, " has ", recent.up, " calls, and its cap is ", cap.max_calls);
  }
  const Window window = WindowOf(cap.calls_per_second);
  while (recent.starts.size() > window.calls + 1) recent.starts.pop_front();
  if (recent.starts.size() <= window.calls) return;
  const engine::MonotonicTime first = recent.starts.front();
  // The wire may have held up the first of them for longer than the last.
  const absl::Duration least = window.length - SimulatedNode::kMaxDelay;
  if (first >= disturbed_until_ && recent.starts.back() - first < least) {
    violations_->Add(name, ": ", window.calls + 1, " calls began within ",
                     absl::FormatDuration(recent.starts.back() - first), ", and its cap is ",
                     cap.calls_per_second, " a second");
  }
}

}  // namespace outdial::simulation
