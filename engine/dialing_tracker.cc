#include "engine/dialing_tracker.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/destination_facts.h"
#include "engine/entry_release.h"
#include "engine/errors.h"

namespace outdial::engine {

namespace {

// FullyBooted tells its Uptime in whole seconds: a dialing this much older than the node's start
// is surely from before it.
constexpr absl::Duration kBootMargin = absl::Seconds(2);

void RaiseStatus(v1::Dialing* record, v1::DialingStatus status) {
  if (status > record->status()) record->set_status(status);
}

// Writes what a fact tells into the record; false: it tells nothing that the record shows.
class RecordFact {
 public:
  RecordFact(const DialingFacts& facts, absl::Time wall, v1::Dialing* record)
      : facts_(facts), now_(FormatRecordTime(wall)), record_(record) {}

  bool operator()(const ChannelListed& fact) {
    if (record_->channel_name() == fact.channel_name && NoteAnswer() == false) return false;
    record_->set_channel_name(fact.channel_name);
    RaiseStatus(record_, v1::DIALING_STATUS_CHANNEL_CREATED);
    return true;
  }
  bool operator()(const ChannelCreated& fact) {
    record_->set_channel_name(fact.channel_name);
    RaiseStatus(record_, v1::DIALING_STATUS_CHANNEL_CREATED);
    return true;
  }
  bool operator()(const DialBegun&) {
    record_->set_tm_dial_begin(now_);
    RaiseStatus(record_, v1::DIALING_STATUS_DIAL_BEGUN);
    return true;
  }
  bool operator()(const ChannelUp&) { return NoteAnswer(); }
  bool operator()(const DialEnded&) {
    NoteAnswer();
    record_->set_tm_dial_end(now_);
    RaiseStatus(record_, v1::DIALING_STATUS_DIAL_ENDED);
    return true;
  }
  bool operator()(const OriginateResponse&) {
    NoteAnswer();
    RaiseStatus(record_, v1::DIALING_STATUS_ORIGINATE_RESPONSE_RECEIVED);
    return true;
  }
  bool operator()(const QueueJoined& fact) {
    if (record_->queue() == fact.queue) return false;
    record_->set_queue(fact.queue);
    return true;
  }
  bool operator()(const AgentConnected& fact) {
    if (record_->has_agent()) return false;
    record_->set_queue(fact.queue);
    record_->set_agent(fact.interface);
    record_->set_tm_agent_connect(now_);
    return true;
  }
  // The rest shows in the final record, or not at all.
  template <class Fact>
  bool operator()(const Fact&) {
    return false;
  }

 private:
  bool NoteAnswer() {
    if (!facts_.answered() || record_->has_tm_answer()) return false;
    record_->set_tm_answer(now_);
    return true;
  }

  const DialingFacts& facts_;
  const std::string now_;
  v1::Dialing* record_;
};

DestinationSign SignOf(const Classification& how, const DialingFacts& facts) {
  if (how.outcome == v1::OUTCOME_HANDLED) return DestinationSign::kWorks;
  if (how.outcome == v1::OUTCOME_DESTINATION_FAILED) return DestinationSign::kFailed;
  // Asterisk refuses an Originate to an extension that does not exist. A node on its way down
  // refuses everything, which says nothing of the destination.
  const bool refused =
      facts.refused.has_value() && !absl::StrContains(*facts.refused, "shutting down");
  return refused ? DestinationSign::kFailed : DestinationSign::kNone;
}

// Whether its agent or its destination has the call. One to be parked keeps its space until it has
// taken it, which the lot's free spaces tell only then.
bool HasReached(const LiveDialing& dialing) {
  if (dialing.terms.has_agents) return dialing.facts.agent_connected_at.has_value();
  if (!dialing.parking.empty()) return dialing.facts.parked;
  return dialing.facts.answered();
}

// Whether it was in a queue and left it unseen: an agent took it, or none will any more. What waits
// in a queue is listed before a node is synced.
bool LeftQueueUnseen(const LiveDialing& dialing, const NodeState& node) {
  return node.synced && node.sees_queues && dialing.terms.has_agents &&
         dialing.facts.queue_joined && !node.queued.contains(dialing.uuid);
}

// The final record of a dialing that ended as `how` says.
void Finish(const Classification& how, absl::Time wall, v1::Dialing* record) {
  record->set_status(how.status);
  record->set_outcome(how.outcome);
  if (how.res_dial.has_value()) record->set_res_dial(*how.res_dial);
  record->set_res_dial_detail(how.res_dial_detail);
  if (how.res_hangup.has_value()) {
    record->set_res_hangup(*how.res_hangup);
    record->set_res_hangup_detail(how.res_hangup_detail);
  }
  if (how.sip_code.has_value()) record->set_sip_code(*how.sip_code);
  record->set_tm_hangup(FormatRecordTime(wall));
}

}  // namespace

// ---- Taking up

absl::Status DialingTracker::Load(StepContext& ctx) {
  loaded_at_ = ctx.now.mono;
  recovery_.Begin(ctx.now.mono);
  std::vector<v1::Dialing> records;
  OUTDIAL_RETURN_IF_ERROR(ctx.store.ForEachLiveDialing(
      [&records](v1::Dialing dialing) { records.push_back(std::move(dialing)); }));
  for (v1::Dialing& record : records) {
    OUTDIAL_ASSIGN_OR_RETURN(LiveDialing dialing, TakeOver(ctx, std::move(record)));
    recovery_.TakeOver(dialing.uuid);
    caps_->Adopt(dialing.place);
    Follow(std::move(dialing), ctx.now.mono);
  }
  if (!records.empty()) {
    ctx.Log(LogLine::Level::kInfo, "dialings_taken_over",
            {{"count", absl::StrCat(records.size())}});
  }
  return absl::OkStatus();
}

absl::StatusOr<LiveDialing> DialingTracker::TakeOver(StepContext& ctx, v1::Dialing record) const {
  LiveDialing dialing;
  dialing.uuid = UuidOf<DialingUuid>(record.uuid());
  dialing.campaign = UuidOf<CampaignUuid>(record.camp_uuid());
  dialing.dl = UuidOf<DlUuid>(record.dl_list_uuid());
  const auto dest = UuidOf<DestinationUuid>(record.dest_uuid());
  dialing.place = CallPlace{record.node(), record.trunk(), dialing.campaign, dest};
  // As they were when it was made: a later change of theirs changes no call in progress.
  OUTDIAL_ASSIGN_OR_RETURN(const v1::Destination destination,
                           ctx.store.GetDestinationRevision(dest, record.dest_revision()));
  OUTDIAL_ASSIGN_OR_RETURN(
      const v1::Plan plan,
      ctx.store.GetPlanRevision(UuidOf<PlanUuid>(record.plan_uuid()), record.plan_revision()));
  dialing.queue = AgentQueueOf(destination);
  dialing.parking = ParkingLotOf(destination);
  dialing.terms.has_agents = !dialing.queue.empty();
  dialing.terms.abandon_after = absl::Milliseconds(plan.abandon_after());
  if (plan.has_max_call_length()) dialing.max_call_length = absl::Seconds(plan.max_call_length());
  dialing.created = ctx.now.mono;
  dialing.last_heard = -absl::InfiniteDuration();  // in this run nothing was
  dialing.facts = FactsOf(record, ctx.now);
  dialing.record = std::move(record);
  dialing.connected = dialing.terms.has_agents ? dialing.facts.agent_connected_at.has_value()
                                               : dialing.facts.answered();
  const v1::Campaign* campaign = catalog_->FindCampaign(dialing.campaign);
  if (campaign != nullptr && campaign->status() == v1::CAMPAIGN_STATUS_STOPPING_FORCED) {
    dialing.hangup_wanted = true;
    dialing.facts.stopped_by_campaign = true;
  }
  return dialing;
}

void DialingTracker::Begin(LiveDialing dialing) {
  nodes_->ExpectWord(dialing.place.node, dialing.uuid, dialing.created);
  const MonotonicTime now = dialing.created;
  Follow(std::move(dialing), now);
}

void DialingTracker::Follow(LiveDialing dialing, MonotonicTime now) {
  const DialingUuid uuid = dialing.uuid;
  nodes_->AddDialing(dialing.place.node, uuid);
  CampaignRun& run = (*runs_)[dialing.campaign];
  run.dialings.insert(uuid);
  ++run.calls_on_node[dialing.place.node];
  if (!dialing.connected) {
    CountPending(dialing, +1);
    ++run.unconnected;
  }
  LiveDialing& kept = live_.emplace(uuid, std::move(dialing)).first->second;
  SetDeadline(kept, Judge(kept, NodeLostAt(kept.place.node), now).at);
}

void DialingTracker::CountPending(const LiveDialing& dialing, int change) {
  if (!dialing.queue.empty()) pending_by_queue_[dialing.queue][dialing.place.node] += change;
  if (!dialing.parking.empty()) pending_by_parking_[dialing.parking][dialing.place.node] += change;
  if (change > 0) return;
  if (!dialing.queue.empty()) OpenQueue(dialing.queue);
  if (!dialing.parking.empty()) turns_->Open(Obstacle::Kind::kParking, dialing.parking);
}

void DialingTracker::OpenQueue(const std::string& queue) {
  turns_->Open(Obstacle::Kind::kAgents, queue);
  turns_->Open(Obstacle::Kind::kNodeAgents, queue);
}

void DialingTracker::OpenPlace(const LiveDialing& dialing) {
  turns_->Open(Obstacle::Kind::kServer, "");
  turns_->Open(Obstacle::Kind::kNode, dialing.place.node);
  turns_->Open(Obstacle::Kind::kTrunk, dialing.place.trunk);
  turns_->Open(Obstacle::Kind::kCampaign, dialing.place.campaign.ToString());
  turns_->Open(Obstacle::Kind::kDestination, dialing.place.destination.ToString());
  turns_->Open(Obstacle::Kind::kEntries, absl::StrCat(dialing.dl.list_number()));
  // How many agents it counts on, and whether its guard holds, goes by what its own calls do.
  if (!dialing.queue.empty()) turns_->Wake(dialing.campaign);
}

int DialingTracker::PendingForQueue(const std::string& node, const std::string& queue) const {
  const auto it = pending_by_queue_.find(queue);
  if (it == pending_by_queue_.end()) return 0;
  const auto on_node = it->second.find(node);
  return on_node == it->second.end() ? 0 : on_node->second;
}

int DialingTracker::PendingForQueue(const std::string& queue) const {
  const auto it = pending_by_queue_.find(queue);
  if (it == pending_by_queue_.end()) return 0;
  int pending = 0;
  for (const auto& [node, count] : it->second) pending += count;
  return pending;
}

int DialingTracker::PendingForParking(const std::string& node, const std::string& lot) const {
  const auto it = pending_by_parking_.find(lot);
  if (it == pending_by_parking_.end()) return 0;
  const auto on_node = it->second.find(node);
  return on_node == it->second.end() ? 0 : on_node->second;
}

// ---- What the nodes tell

absl::Status DialingTracker::OnNodeEvent(StepContext& ctx, const NodeEvent& event) {
  if (nodes_->Find(event.node) == nullptr) return absl::OkStatus();
  if (const auto* connected = std::get_if<NodeConnected>(&event.fact)) {
    OnConnected(ctx, event.node, *connected);
    return absl::OkStatus();
  }
  if (std::get_if<NodeSynced>(&event.fact) != nullptr) return OnSynced(ctx, event.node);
  if (const auto* lost = std::get_if<NodeDisconnected>(&event.fact)) {
    return OnDisconnected(ctx, event.node, *lost);
  }
  if (const auto* parking = std::get_if<ParkingSeen>(&event.fact)) {
    nodes_->Find(event.node)->parking_free[parking->lot] = parking->free_spaces;
    turns_->Open(Obstacle::Kind::kParking, parking->lot);
    return absl::OkStatus();
  }
  const DialingUuid dialing = DialingOf(event.fact);
  if (dialing.is_nil()) return absl::OkStatus();
  return OnDialingFact(ctx, event, dialing);
}

void DialingTracker::OnConnected(StepContext& ctx, const std::string& name,
                                 const NodeConnected& fact) {
  NodeState& node = *nodes_->Find(name);
  if (node.synced) node.lost_at = ctx.now.mono;
  node.connected = true;
  node.synced = false;
  node.refused = false;
  node.version = fact.version;
  node.problems = fact.problems;
  node.may_originate = fact.may_originate;
  node.sees_calls = fact.sees_calls;
  node.sees_queues = fact.sees_queues;
  node.boot_wall = fact.boot_time;
  node.list_asked_at = ctx.now.mono;
  ++node.list_round;
  node.queued.clear();
  if (!fact.boot_time.has_value()) return;

  MonotonicTime boot = ctx.now.mono - (ctx.now.wall - *fact.boot_time);
  // The wall clock was set back since the node told its Uptime, which then proves nothing.
  if (boot > ctx.now.mono) boot = -absl::InfiniteDuration();
  // Both ages may be wrong by a jump of the wall clock, so the channel list has the last word.
  size_t gone = 0;
  for (const DialingUuid& uuid : node.dialings) {
    LiveDialing& dialing = live_.at(uuid);
    dialing.before_boot = dialing.created < boot - kBootMargin;
    if (dialing.before_boot) ++gone;
  }
  if (gone > 0) {
    ctx.Log(LogLine::Level::kWarning, "node_restarted",
            {{"node", name}, {"dialings_gone", absl::StrCat(gone)}});
  }
}

absl::Status DialingTracker::OnSynced(StepContext& ctx, const std::string& name) {
  NodeState& node = *nodes_->Find(name);
  if (!node.connected || !node.list_asked_at.has_value()) return absl::OkStatus();
  const bool was_synced = node.synced;
  v1::NodeReconcile found;
  found.set_node(name);
  if (!was_synced) {
    found.set_out_of_sight_ms(
        static_cast<uint64_t>(absl::ToInt64Milliseconds(ctx.now.mono - NodeLostAt(name))));
    node.synced = true;
    node.connect_wall = ctx.now.wall;
    ctx.Log(LogLine::Level::kInfo, "node_ready",
            {{"node", name},
             {"version", node.version},
             {"dialings", absl::StrCat(node.dialings.size())}});
  }
  const bool reconciles = !was_synced && !node.dialings.empty();
  const MonotonicTime asked_at = *node.list_asked_at;
  node.list_asked_at.reset();
  OUTDIAL_RETURN_IF_ERROR(Reconcile(ctx, name, asked_at, &found));
  if (!reconciles) return absl::OkStatus();
  ctx.Log(LogLine::Level::kInfo, "node_reconciled",
          {{"node", name},
           {"adopted", absl::StrCat(found.adopted())},
           {"gone", absl::StrCat(found.gone())},
           {"pending", absl::StrCat(found.pending())},
           {"out_of_sight", absl::FormatDuration(absl::Milliseconds(found.out_of_sight_ms()))}});
  return writer_->AppendReconcileEvent(ctx, found);
}

absl::Status DialingTracker::Reconcile(StepContext& ctx, const std::string& name,
                                       MonotonicTime asked_at, v1::NodeReconcile* found) {
  const NodeState& node = *nodes_->Find(name);
  const std::set<DialingUuid> dialings = node.dialings;
  for (const DialingUuid& uuid : dialings) {
    LiveDialing& dialing = live_.at(uuid);
    if (LeftQueueUnseen(dialing, node)) SetConnected(dialing, true);
    // What was heard of after the list was asked for is newer than the list.
    const bool newer = dialing.created > asked_at || dialing.last_heard >= asked_at;
    if (dialing.seen_in_list == node.list_round || newer) {
      found->set_adopted(found->adopted() + 1);
      if (recovery_.Adopted(uuid)) LogRecovery(ctx);
    } else {
      NoteMissing(ctx.now.mono, asked_at, dialing);
      if (dialing.missing_since == absl::InfiniteDuration()) {
        found->set_pending(found->pending() + 1);
      } else {
        found->set_gone(found->gone() + 1);
      }
    }
    OUTDIAL_RETURN_IF_ERROR(Look(ctx, uuid));
  }
  return absl::OkStatus();
}

void DialingTracker::LogRecovery(StepContext& ctx) const {
  const RecoveryReport::Totals& totals = recovery_.totals();
  ctx.Log(LogLine::Level::kInfo, "recovery_done",
          {{"adopted", absl::StrCat(totals.adopted)},
           {"ended", absl::StrCat(totals.ended)},
           {"unknown", absl::StrCat(totals.unknown)},
           {"took", absl::FormatDuration(ctx.now.mono - recovery_.began())}});
}

void DialingTracker::NoteMissing(MonotonicTime now, MonotonicTime asked_at, LiveDialing& dialing) {
  if (dialing.facts.channel_seen || dialing.before_boot || asked_at >= GiveUpTime(dialing)) {
    dialing.missing_since = std::min(dialing.missing_since, now);
  } else {
    dialing.last_heard = now;  // not there yet, and may still come: it is asked for again
  }
}

absl::Status DialingTracker::OnDisconnected(StepContext& ctx, const std::string& name,
                                            const NodeDisconnected& fact) {
  NodeState& node = *nodes_->Find(name);
  // A node that connects and never gets to tell its state stays lost since the first loss.
  if (node.synced || node.lost_at == absl::ZeroDuration()) node.lost_at = ctx.now.mono;
  if (node.connected || node.disconnect_reason != fact.reason) {
    ctx.Log(fact.refused ? LogLine::Level::kError : LogLine::Level::kWarning, "node_lost",
            {{"node", name}, {"reason", fact.reason}});
  }
  node.connected = false;
  node.synced = false;
  node.refused = fact.refused;
  node.disconnect_reason = fact.reason;
  node.list_asked_at.reset();
  node.unheard.clear();
  node.parking_free.clear();
  const std::set<DialingUuid> dialings = node.dialings;
  for (const DialingUuid& uuid : dialings) {
    LiveDialing& dialing = live_.at(uuid);
    dialing.facts.Add(fact, Moment::At(ctx.now.mono));
    dialing.missing_since = absl::InfiniteDuration();
    OUTDIAL_RETURN_IF_ERROR(Look(ctx, uuid));
  }
  return absl::OkStatus();
}

absl::Status DialingTracker::OnDialingFact(StepContext& ctx, const NodeEvent& event,
                                           const DialingUuid& uuid) {
  const std::string& node = event.node;
  const NodeFact& fact = event.fact;
  const auto it = live_.find(uuid);
  if (it == live_.end()) {
    // Of what was told while nobody could take it, only what still is shows itself again.
    return event.came.has_value() ? absl::OkStatus() : OnStrangersChannel(ctx, node, uuid, fact);
  }
  // Two names in the configuration for one Asterisk: the node that was told to dial tells.
  if (it->second.place.node != node) return absl::OkStatus();
  LiveDialing& dialing = it->second;
  const Now& came = event.came.has_value() ? *event.came : ctx.now;
  // Being queued says nothing of a channel: the wait for its first event goes on.
  if (!std::holds_alternative<OriginateAccepted>(fact)) {
    nodes_->HeardOf(node, uuid, dialing.created, came.mono);
  }
  dialing.facts.Add(fact, event.happened.value_or(Moment::At(came.mono)));
  if (!std::holds_alternative<CallRecorded>(fact)) {  // which is no sign of life
    dialing.last_heard = ctx.now.mono;
    dialing.missing_since = absl::InfiniteDuration();
  }
  NodeState& state = *nodes_->Find(node);
  if (std::holds_alternative<ChannelListed>(fact)) {
    dialing.seen_in_list = state.list_round;
    if (state.list_asked_at.has_value()) dialing.listed_at = *state.list_asked_at;
  }
  if (std::holds_alternative<QueueJoined>(fact) && !event.came.has_value()) {
    state.queued.insert(uuid);
  }
  if (dialing.facts.ringing || dialing.facts.answered()) {
    if (breaker_->Rests(dialing.place.trunk)) {  // its probe has succeeded
      turns_->Open(Obstacle::Kind::kTrunk, dialing.place.trunk);
    }
    breaker_->Report(dialing.place.trunk, uuid, TrunkSign::kWorks, ctx.now.mono);
  }
  if (HasReached(dialing)) {
    SetConnected(dialing, true);
  } else if (std::holds_alternative<ChannelListed>(fact) && dialing.terms.has_agents &&
             !LeftQueueUnseen(dialing, state)) {
    SetConnected(dialing, false);  // it still waits, and its node is in sight again
  }
  if (std::visit(RecordFact(dialing.facts, came.wall, &dialing.record), fact)) {
    OUTDIAL_RETURN_IF_ERROR(writer_->UpdateDialing(ctx, &dialing.record));
  }
  return Look(ctx, uuid);
}

void DialingTracker::SetConnected(LiveDialing& dialing, bool connected) {
  if (dialing.connected == connected) return;
  dialing.connected = connected;
  CountPending(dialing, connected ? -1 : +1);
  (*runs_)[dialing.campaign].unconnected += connected ? -1 : +1;
}

absl::Status DialingTracker::OnStrangersChannel(StepContext& ctx, const std::string& node,
                                                const DialingUuid& uuid, const NodeFact& fact) {
  const bool shows_channel = std::holds_alternative<ChannelCreated>(fact) ||
                             std::holds_alternative<ChannelListed>(fact) ||
                             std::holds_alternative<ChannelUp>(fact);
  if (!shows_channel) return absl::OkStatus();
  OUTDIAL_ASSIGN_OR_RETURN(const bool ours, ctx.store.HasDialing(uuid));
  if (!ours) return absl::OkStatus();
  // A dialing that was closed: its channel came late, and nobody waits for it any more.
  ctx.out.commands.push_back(NodeCommand{node, Hangup{.dialing = uuid}});
  ctx.Log(LogLine::Level::kWarning, "late_channel_hung_up",
          {{"node", node}, {"dialing", uuid.ToString()}});
  return absl::OkStatus();
}

// ---- What is due

void DialingTracker::SetDeadline(LiveDialing& dialing, MonotonicTime at) {
  deadlines_.erase({dialing.deadline, dialing.uuid});
  dialing.deadline = at;
  if (at != absl::InfiniteDuration()) deadlines_.insert({at, dialing.uuid});
}

MonotonicTime DialingTracker::NodeLostAt(const std::string& name) const {
  const NodeState* node = nodes_->Find(name);
  if (node == nullptr) return loaded_at_;
  if (node->synced) return absl::InfiniteDuration();
  return std::max(node->lost_at, loaded_at_);
}

MonotonicTime DialingTracker::NextDeadline() const {
  return deadlines_.empty() ? absl::InfiniteDuration() : deadlines_.begin()->first;
}

absl::Status DialingTracker::OnTime(StepContext& ctx) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= ctx.now.mono) {
    const DialingUuid uuid = deadlines_.begin()->second;  // a copy: Look removes the original
    OUTDIAL_RETURN_IF_ERROR(Look(ctx, uuid));
  }
  return absl::OkStatus();
}

absl::Status DialingTracker::Look(StepContext& ctx, const DialingUuid& uuid) {
  LiveDialing& dialing = live_.at(uuid);
  const MonotonicTime lost_at = NodeLostAt(dialing.place.node);
  // Whoever it rang has answered and met an agent by now, or never will: no agent is kept for it.
  if (lost_at != absl::InfiniteDuration() && ctx.now.mono >= GiveUpTime(dialing)) {
    SetConnected(dialing, true);
  }
  const DialingVerdict verdict = Judge(dialing, lost_at, ctx.now.mono);
  switch (verdict.what) {
    case DialingVerdict::What::kWait:
      SetDeadline(dialing, verdict.at);
      return absl::OkStatus();
    case DialingVerdict::What::kEndUnseen:
      dialing.facts.ended_unseen = true;
      return End(ctx, uuid);
    case DialingVerdict::What::kEnd:
      return End(ctx, uuid);
    case DialingVerdict::What::kAskNode:
      AskNode(ctx, dialing.place.node);
      SetDeadline(dialing, ctx.now.mono + kListPatience);
      return absl::OkStatus();
    case DialingVerdict::What::kHangUp:
      SendHangup(ctx, dialing);
      SetDeadline(dialing, ctx.now.mono + kLastWordsDelay);
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

void DialingTracker::AskNode(StepContext& ctx, const std::string& name) {
  NodeState* node = nodes_->Find(name);
  // Of a list that is on its way nothing is taken for missing; a second one would make it old.
  if (node == nullptr || !node->synced || node->list_asked_at.has_value()) return;
  node->list_asked_at = ctx.now.mono;
  ++node->list_round;
  ctx.out.commands.push_back(NodeCommand{name, ListChannels{}});
}

void DialingTracker::SendHangup(StepContext& ctx, LiveDialing& dialing) {
  dialing.hangup_sent = ctx.now.mono;
  ctx.out.commands.push_back(NodeCommand{dialing.place.node, Hangup{.dialing = dialing.uuid}});
}

absl::Status DialingTracker::HangUpAll(StepContext& ctx, const CampaignUuid& campaign) {
  const auto run = runs_->find(campaign);
  if (run == runs_->end()) return absl::OkStatus();
  const std::set<DialingUuid> dialings = run->second.dialings;
  for (const DialingUuid& uuid : dialings) {
    LiveDialing& dialing = live_.at(uuid);
    dialing.hangup_wanted = true;
    dialing.facts.stopped_by_campaign = true;
    OUTDIAL_RETURN_IF_ERROR(Look(ctx, uuid));
  }
  return absl::OkStatus();
}

// ---- The end

absl::StatusOr<v1::Dl> DialingTracker::ReleaseEntry(StepContext& ctx, const LiveDialing& dialing,
                                                    const Classification& how) {
  OUTDIAL_ASSIGN_OR_RETURN(const DlPtr before, ctx.store.GetDl(dialing.dl));
  v1::Dl after = Released(*before, dialing.record);
  const int slot = static_cast<int>(dialing.record.dial_index()) - 1;
  if (!how.try_counts) after.set_trycnt(slot, after.trycnt(slot) - 1);
  return writer_->UpdateDl(ctx, *before, std::move(after));
}

absl::Status DialingTracker::End(StepContext& ctx, const DialingUuid& uuid) {
  const auto it = live_.find(uuid);
  LiveDialing dialing = std::move(it->second);
  deadlines_.erase({dialing.deadline, uuid});
  live_.erase(it);

  const Classification how = Classify(dialing.facts, dialing.terms);
  Finish(how, ctx.now.wall, &dialing.record);
  CampaignRun& run = (*runs_)[dialing.campaign];
  const v1::Campaign* campaign = catalog_->FindCampaign(dialing.campaign);
  const int32_t day = campaign == nullptr ? 0 : controller_->DayOf(*campaign, ctx.now.wall);
  OUTDIAL_RETURN_IF_ERROR(writer_->EndDialing(ctx, &dialing.record, day));
  OUTDIAL_RETURN_IF_ERROR(ReleaseEntry(ctx, dialing, how).status());

  nodes_->HeardOf(dialing.place.node, uuid, dialing.created, ctx.now.mono);
  nodes_->RemoveDialing(dialing.place.node, uuid);
  caps_->Release(dialing.place);
  breaker_->Report(dialing.place.trunk, uuid, how.trunk_sign, ctx.now.mono);
  run.dialings.erase(uuid);
  if (--run.calls_on_node[dialing.place.node] == 0) run.calls_on_node.erase(dialing.place.node);
  if (!dialing.connected) {
    CountPending(dialing, -1);
    --run.unconnected;
  }
  run.guard.Count(day, how.outcome);
  OpenPlace(dialing);
  const bool recovered = recovery_.Ended(uuid, how.outcome);
  ctx.Log(LogLine::Level::kInfo, "dialing_ended",
          {{"dialing", uuid.ToString()},
           {"campaign", dialing.campaign.ToString()},
           {"node", dialing.place.node},
           {"outcome", v1::Outcome_Name(how.outcome)},
           {"detail", how.res_dial_detail}});
  if (recovered) LogRecovery(ctx);
  return controller_->OnDialingEnded(ctx, dialing.campaign, SignOf(how, dialing.facts),
                                     how.res_dial_detail);
}

}  // namespace outdial::engine
