#include "engine/dial_planner.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/application_rules.h"
#include "engine/campaign_lifecycle.h"
#include "engine/check.h"
#include "engine/destination_facts.h"
#include "engine/entry_release.h"
#include "engine/errors.h"
#include "engine/variable_merger.h"

namespace outdial::engine {

namespace {

// How soon a node that is late is looked at again.
constexpr absl::Duration kLateNodeRetry = absl::Seconds(1);
// How soon what waits for a time of day is looked at again: the clock may be set meanwhile.
constexpr absl::Duration kClockRetry = absl::Minutes(1);

RecordCaps CapsOf(const v1::Campaign& campaign, const v1::Destination& destination) {
  RecordCaps caps;
  if (campaign.has_max_calls()) caps.campaign_max_calls = static_cast<int>(campaign.max_calls());
  if (campaign.has_calls_per_second()) {
    caps.campaign_calls_per_second = campaign.calls_per_second();
  }
  if (destination.has_max_calls()) {
    caps.destination_max_calls = static_cast<int>(destination.max_calls());
  }
  return caps;
}

// Modes whose calls are counted by free agents, so that each call goes where one of them is.
bool CountsFreeAgents(const v1::Plan& plan) {
  return plan.dial_mode() == v1::DIAL_MODE_POWER || plan.dial_mode() == v1::DIAL_MODE_PROGRESSIVE;
}

// Modes that place calls whether or not an agent is free.
bool IgnoresAgents(const v1::Plan& plan, const std::string& queue) {
  return plan.dial_mode() == v1::DIAL_MODE_ROBO || queue.empty();
}

Obstacle ObstacleOf(CapKind kind, const CallPlace& place) {
  switch (kind) {
    case CapKind::kServer:
      return {Obstacle::Kind::kServer};
    case CapKind::kNode:
      return {Obstacle::Kind::kNode, place.node};
    case CapKind::kTrunk:
      return {Obstacle::Kind::kTrunk, place.trunk};
    case CapKind::kCampaign:
      return {Obstacle::Kind::kCampaign, place.campaign.ToString()};
    case CapKind::kDestination:
      return {Obstacle::Kind::kDestination, place.destination.ToString()};
  }
  OUTDIAL_CHECK(false, "every cap is an obstacle");
}

}  // namespace

absl::Status DialPlanner::Run(StepContext& ctx) {
  next_wakeup_ = absl::InfiniteDuration();
  if (stopped_) return absl::OkStatus();
  WakeChanged();
  turns_->Advance(ctx.now.mono);
  int placed = 0;
  while (const std::optional<CampaignUuid> next = turns_->Next(ctx.now.mono)) {
    if (placed == kMaxCallsPerStep) {
      next_wakeup_ = ctx.now.mono;
      return absl::OkStatus();
    }
    OUTDIAL_ASSIGN_OR_RETURN(const bool dialled, Serve(ctx, *next));
    if (dialled) ++placed;
  }
  TellWaits(ctx);
  next_wakeup_ = turns_->NextOpening();
  if (turns_->has_untold()) next_wakeup_ = std::min(next_wakeup_, next_tell_);
  // A campaign that begins where another one ended is looked at in the next step.
  if (controller_->has_looks()) next_wakeup_ = ctx.now.mono;
  return absl::OkStatus();
}

void DialPlanner::WakeChanged() {
  for (const CampaignUuid& uuid : controller_->TakeLooks()) turns_->Wake(uuid);
  if (!std::exchange(look_at_all_, false)) return;
  for (const auto& [uuid, run] : *runs_) turns_->Wake(uuid);
}

absl::StatusOr<bool> DialPlanner::Serve(StepContext& ctx, const CampaignUuid& uuid) {
  if (!runs_->contains(uuid)) {
    turns_->Remove(uuid);
    return false;
  }
  OUTDIAL_ASSIGN_OR_RETURN(std::optional<Wait> wait, TryDial(ctx, uuid));
  if (!wait.has_value()) {
    turns_->Served(uuid, ctx.now.mono);
    return true;
  }
  // It may have ended in between.
  const auto run = runs_->find(uuid);
  if (run == runs_->end()) {
    turns_->Remove(uuid);
    return false;
  }
  Publish(ctx, uuid, run->second, *wait);
  turns_->Waits(uuid, *std::move(wait));
  return false;
}

void DialPlanner::TellWaits(StepContext& ctx) {
  if (!turns_->has_untold() || ctx.now.mono < next_tell_) return;
  next_tell_ = ctx.now.mono + kTellInterval;
  turns_->TellWaits([&](const CampaignUuid& uuid, const Wait& wait) {
    const auto run = runs_->find(uuid);
    if (run != runs_->end()) Publish(ctx, uuid, run->second, wait);
  });
}

void DialPlanner::Publish(StepContext& ctx, const CampaignUuid& uuid, CampaignRun& run,
                          const Wait& wait) {
  if (run.wait_reason == wait.reason && run.wait_detail == wait.detail) return;
  run.wait_reason = wait.reason;
  run.wait_detail = wait.detail;
  ctx.out.waits.push_back(CampaignWait{uuid, wait.reason, wait.detail});
}

absl::StatusOr<std::optional<Wait>> DialPlanner::TryDial(StepContext& ctx,
                                                         const CampaignUuid& uuid) {
  const v1::Campaign* campaign = catalog_->FindCampaign(uuid);
  if (campaign == nullptr || !MayDial(campaign->status())) return EndsAwaited(uuid);
  const v1::Plan* plan = catalog_->FindPlan(UuidOf<PlanUuid>(campaign->plan()));
  const ListRecord* list = catalog_->FindList(UuidOf<DlmaUuid>(campaign->dlma()));
  const v1::Destination* destination =
      catalog_->FindDestination(UuidOf<DestinationUuid>(campaign->dest()));
  OUTDIAL_CHECK(plan != nullptr && list != nullptr && destination != nullptr,
                "a running campaign's records can't be deleted");
  Setup setup{uuid,
              runs_->at(uuid),
              *campaign,
              *plan,
              *list,
              *destination,
              AgentQueueOf(*destination),
              ParkingLotOf(*destination)};

  if (std::optional<std::string> problem = PlanProblem(*plan, *destination)) {
    return WaitAlone(uuid, v1::WAIT_REASON_PLAN, *std::move(problem));
  }

  OUTDIAL_ASSIGN_OR_RETURN(DlSelector * selector, writer_->SelectorOf(ctx, list->number));
  OUTDIAL_ASSIGN_OR_RETURN(const Pick pick, selector->PickNext(*plan, ctx.now.wall, ctx.store));
  if (const auto* entry = std::get_if<PickedEntry>(&pick)) {
    return DialEntry(ctx, setup, entry->uuid);
  }
  if (const auto* wait = std::get_if<EntriesWait>(&pick)) {
    const absl::Duration left = std::max(wait->until - ctx.now.wall, absl::Milliseconds(1));
    return WaitForEntries(
        setup, v1::WAIT_REASON_RETRY_DELAY,
        absl::StrCat("the next entry may be dialled at ", FormatRecordTime(wait->until)),
        ctx.now.mono + std::min(left, kClockRetry));
  }
  if (std::get_if<EntriesBusy>(&pick) != nullptr) {
    return WaitForEntries(setup, v1::WAIT_REASON_ENTRIES_BUSY,
                          "all entries that are left are being dialled");
  }
  if (plan->dl_end_handle() == v1::DL_END_HANDLE_STOP) {
    OUTDIAL_RETURN_IF_ERROR(controller_->OnListUsedUp(ctx, uuid));
    return WaitAlone(uuid, v1::WAIT_REASON_NONE, "");
  }
  return WaitForEntries(setup, v1::WAIT_REASON_LIST_USED_UP,
                        "no entry can be dialled again under this plan; new entries are picked up");
}

Wait DialPlanner::EndsAwaited(const CampaignUuid& uuid) const {
  const CampaignRun& run = runs_->at(uuid);
  if (run.dialings.empty()) return WaitAlone(uuid, v1::WAIT_REASON_NONE, "");
  std::string detail = absl::StrCat(run.dialings.size(), " call(s) in progress");
  for (const auto& [name, calls] : run.calls_on_node) {
    const NodeState* node = nodes_->Find(name);
    if (node != nullptr && node->synced) continue;
    absl::StrAppend(&detail, "; ", calls, " on node ", name, ", which is ",
                    node == nullptr ? "not configured" : "out of sight");
  }
  return WaitAlone(uuid, v1::WAIT_REASON_CALLS_IN_PROGRESS, std::move(detail));
}

Wait DialPlanner::WaitAlone(const CampaignUuid& uuid, v1::WaitReason reason, std::string detail) {
  return {.reason = reason, .detail = std::move(detail), .line = {.campaign = uuid}};
}

Wait DialPlanner::WaitForEntries(const Setup& setup, v1::WaitReason reason, std::string detail,
                                 MonotonicTime until) {
  const auto plan = UuidOf<PlanUuid>(setup.plan.uuid());
  const Obstacle entries{Obstacle::Kind::kEntries, absl::StrCat(setup.list.number),
                         setup.plan.uuid()};
  return {.reason = reason,
          .detail = std::move(detail),
          .line = {.list = setup.list.number, .plan = plan},
          .hindrances = {{entries, until}}};
}

Wait DialPlanner::WaitForCap(const CapVerdict& verdict, const CallPlace& place) {
  // Some rates count calls that are not sent yet: then it is no call's end that helps.
  const bool for_sending =
      verdict.reason == v1::WAIT_REASON_RATE_CAP && verdict.retry_at == absl::InfiniteDuration();
  const Obstacle obstacle =
      for_sending ? Obstacle{Obstacle::Kind::kSending} : ObstacleOf(verdict.kind, place);
  return {.reason = verdict.reason,
          .detail = verdict.detail,
          .hindrances = {{obstacle, verdict.retry_at}}};
}

DialPlanner::Appetites DialPlanner::AppetitesOf(StepContext& ctx, const Setup& setup) const {
  Appetites appetites;
  Appetite& wanted = appetites.wanted;
  if (setup.plan.dial_mode() == v1::DIAL_MODE_POWER) {
    wanted.calls_per_agent = setup.plan.power_ratio();
  } else if (setup.plan.dial_mode() == v1::DIAL_MODE_PREDICTIVE) {
    // Free agents minus the campaign's calls in progress plus the service level; agents that other
    // campaigns' calls are on their way to are not free.
    wanted.more_calls = static_cast<int>(setup.plan.service_level()) -
                        (static_cast<int>(setup.run.dialings.size()) - setup.run.unconnected);
  }
  appetites.allowed = wanted;
  const int32_t today = controller_->DayOf(setup.campaign, ctx.now.wall);
  appetites.guarded = setup.run.guard.Holds(today, setup.plan.abandon_target());
  if (appetites.guarded) appetites.allowed = {.more_calls = std::min(wanted.more_calls, 0)};
  return appetites;
}

WaitLine DialPlanner::LineOf(StepContext& ctx, const Setup& setup) const {
  WaitLine line{.queue = setup.queue, .parking = setup.parking, .trunk = setup.plan.trunk_name()};
  if (IgnoresAgents(setup.plan, setup.queue)) return line;
  const Appetites appetites = AppetitesOf(ctx, setup);
  line.dial_mode = setup.plan.dial_mode();
  line.calls_per_agent = appetites.allowed.calls_per_agent;
  line.more_calls = appetites.allowed.more_calls;
  // Why it waits is told with its own figures.
  if (appetites.guarded) line.campaign = setup.uuid;
  return line;
}

std::optional<Wait> DialPlanner::CheckAgents(StepContext& ctx, const Setup& setup) const {
  if (IgnoresAgents(setup.plan, setup.queue)) return std::nullopt;
  const int free = agents_->FreeAgents(setup.queue);
  int waiting = 0;
  for (const auto& [name, node] : nodes_->all()) {
    waiting += agents_->OtherCallersWaiting(name, setup.queue);
  }
  const int pending = tracker_->PendingForQueue(setup.queue);
  const auto room_for = [available = free - waiting, pending](const Appetite& appetite) {
    return static_cast<int>(std::floor(available * appetite.calls_per_agent)) +
           appetite.more_calls - pending;
  };
  const Appetites appetites = AppetitesOf(ctx, setup);
  const Appetite& allowed = appetites.allowed;
  if (room_for(allowed) > 0) return std::nullopt;
  const Obstacle agents{Obstacle::Kind::kAgents, setup.queue,
                        absl::StrCat(allowed.calls_per_agent, " ", allowed.more_calls)};
  Wait wait{.reason = v1::WAIT_REASON_NO_FREE_AGENT,
            .detail = absl::StrCat(free, " free agent(s) in queue ", setup.queue, ", ", pending,
                                   " call(s) on their way to them, ", waiting,
                                   " other caller(s) waiting"),
            .line = LineOf(ctx, setup),
            .hindrances = {{agents}}};
  if (room_for(appetites.wanted) <= 0) return wait;
  const int32_t today = controller_->DayOf(setup.campaign, ctx.now.wall);
  // The day may be over before anything happens to the agents. That is its own: others wait for
  // these agents as well, and for no time.
  const Obstacle guard{Obstacle::Kind::kCampaign, setup.uuid.ToString()};
  wait.hindrances.push_back({guard, ctx.now.mono + kClockRetry});
  wait.reason = v1::WAIT_REASON_ABANDON_GUARD;
  wait.detail = absl::StrCat("abandoned ", setup.run.guard.AbandonedPercent(today),
                             " % of the answered today, above ", setup.plan.abandon_target(),
                             " %: one call per free agent; ", wait.detail);
  return wait;
}

std::vector<DialPlanner::Candidate> DialPlanner::Candidates(const Setup& setup, MonotonicTime now,
                                                            Wait* why_not) const {
  why_not->reason = v1::WAIT_REASON_NO_NODE;
  why_not->detail = "no Asterisk node is connected and ready";
  bool late = false;
  const auto rule_out = [why_not, &late](v1::WaitReason reason, std::string detail,
                                         Wait::Hindrance hindrance) {
    why_not->hindrances.push_back(std::move(hindrance));
    if (late) return;
    why_not->reason = reason;
    why_not->detail = std::move(detail);
  };
  const Obstacle no_agents{Obstacle::Kind::kNodeAgents, setup.queue};
  std::vector<Candidate> candidates;
  for (const auto& [name, node] : nodes_->all()) {
    if (!NodeRegistry::IsUsable(node)) continue;
    if (NodeRegistry::LateSince(node, now).has_value()) {
      // Nothing tells when it is late no longer: it is looked at again.
      rule_out(v1::WAIT_REASON_CALL_CAP,
               absl::StrCat("node ", name, " is late with the calls that it has"),
               {{Obstacle::Kind::kNode, name}, now + kLateNodeRetry});
      late = true;
      continue;
    }
    Candidate candidate{.node = name};
    if (!setup.queue.empty()) {
      if (!agents_->HasQueue(name, setup.queue)) {
        rule_out(v1::WAIT_REASON_NO_QUEUE,
                 absl::StrCat("no connected node has the queue ", setup.queue), {no_agents});
        continue;
      }
      const int available =
          agents_->FreeAgents(name, setup.queue) - agents_->OtherCallersWaiting(name, setup.queue);
      const int pending = tracker_->PendingForQueue(name, setup.queue);
      candidate.room = available - pending;
      // An agent on another node is of no use to a call on this one.
      const double ratio =
          setup.plan.dial_mode() == v1::DIAL_MODE_POWER ? setup.plan.power_ratio() : 1.0;
      if (CountsFreeAgents(setup.plan) && std::ceil(available * ratio) <= pending) {
        rule_out(
            v1::WAIT_REASON_NO_FREE_AGENT,
            absl::StrCat("no node that could take a call has a free agent in queue ", setup.queue),
            {no_agents});
        continue;
      }
    }
    candidate.load = static_cast<double>(node.dialings.size()) / std::max(1, node.cap.max_calls);
    candidates.push_back(std::move(candidate));
  }
  // Where the agents are, then where there is room.
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return std::make_tuple(-a.room, a.load) < std::make_tuple(-b.room, b.load);
                   });
  return candidates;
}

std::optional<Wait> DialPlanner::ParkingFull(const Setup& setup, const std::string& node) const {
  if (setup.parking.empty()) return std::nullopt;
  const auto& known = nodes_->Find(node)->parking_free;
  const auto free = known.find(setup.parking);
  if (free == known.end()) return std::nullopt;
  if (free->second > tracker_->PendingForParking(node, setup.parking)) return std::nullopt;
  return Wait{.reason = v1::WAIT_REASON_CALL_CAP,
              .detail = absl::StrCat("parking lot ", setup.parking, " on node ", node, " has ",
                                     free->second, " free space(s)"),
              .hindrances = {{{Obstacle::Kind::kParking, setup.parking}}}};
}

std::optional<Wait> DialPlanner::TakePlace(StepContext& ctx, const Setup& setup,
                                           const std::string& trunk, CallPlace* place) {
  const MonotonicTime now = ctx.now.mono;
  Wait held;
  CampaignUuid held_alone;
  DestinationUuid held_with;
  const std::vector<Candidate> candidates = Candidates(setup, now, &held);
  MonotonicTime soonest = absl::InfiniteDuration();
  bool none_tried = true;
  for (const Candidate& candidate : candidates) {
    std::optional<Wait> wait = ParkingFull(setup, candidate.node);
    if (!wait.has_value()) {
      *place = CallPlace{candidate.node, trunk, setup.uuid,
                         UuidOf<DestinationUuid>(setup.destination.uuid())};
      const CapVerdict verdict =
          caps_->Acquire(*place, CapsOf(setup.campaign, setup.destination), now);
      if (verdict.allowed) return std::nullopt;
      // What holds back this one alone, or this destination, holds back nobody else of the line.
      if (verdict.kind == CapKind::kCampaign) held_alone = place->campaign;
      if (verdict.kind == CapKind::kDestination) held_with = place->destination;
      wait = WaitForCap(verdict, *place);
    }
    Wait::Hindrance& hindrance = wait->hindrances.front();
    if (none_tried || hindrance.until < soonest) {
      held.reason = wait->reason;
      held.detail = std::move(wait->detail);
      soonest = hindrance.until;
    }
    none_tried = false;
    held.hindrances.push_back(std::move(hindrance));
  }
  held.line = LineOf(ctx, setup);
  held.line.destination = held_with;
  if (!held_alone.is_nil()) held.line.campaign = held_alone;
  return held;
}

absl::StatusOr<std::optional<Wait>> DialPlanner::DialEntry(StepContext& ctx, Setup& setup,
                                                           const DlUuid& entry_uuid) {
  // Of a server that is full nothing else needs to be known; a rate may not be what holds longest.
  const CapVerdict server = caps_->CheckServer(ctx.now.mono);
  if (!server.allowed && server.retry_at == absl::InfiniteDuration()) {
    Wait wait = WaitForCap(server, {});
    wait.line = LineOf(ctx, setup);
    return wait;
  }
  if (std::optional<Wait> wait = CheckAgents(ctx, setup)) return wait;
  OUTDIAL_ASSIGN_OR_RETURN(const DlPtr held, ctx.store.GetDl(entry_uuid));
  const v1::Dl& entry = *held;
  const int slot = NextNumber(ClassOf(entry), setup.plan);
  OUTDIAL_CHECK(slot >= 0 && entry.status() == v1::DL_STATUS_IDLE && !entry.has_tm_delete(),
                "the selector picks only what can be dialled");
  const absl::StatusOr<DialString> dial = BuildDialString(entry.number(slot), setup.plan, *config_);
  if (!dial.ok()) {
    OUTDIAL_RETURN_IF_ERROR(RefuseNumber(ctx, setup, entry, slot, dial.status()));
    return std::nullopt;
  }
  WarnOfReplacedTech(ctx, *dial);
  const MonotonicTime trunk_start = breaker_->NextStart(dial->trunk);
  if (trunk_start > ctx.now.mono) {
    return Wait{.reason = v1::WAIT_REASON_TRUNK_RESTING,
                .detail = absl::StrCat("trunk ", dial->trunk,
                                       " failed repeatedly and rests; one call "
                                       "probes it when the rest is over"),
                .line = LineOf(ctx, setup),
                .hindrances = {{{Obstacle::Kind::kTrunk, dial->trunk}, trunk_start}}};
  }
  CallPlace place;
  if (std::optional<Wait> wait = TakePlace(ctx, setup, dial->trunk, &place)) return wait;
  OUTDIAL_RETURN_IF_ERROR(Place(ctx, setup, entry, slot, *dial, place));
  return std::nullopt;
}

void DialPlanner::WarnOfReplacedTech(StepContext& ctx, const DialString& dial) {
  if (dial.replaced_tech.empty() || !warned_techs_.insert(dial.replaced_tech).second) return;
  ctx.Log(LogLine::Level::kWarning, "tech_replaced",
          {{"tech_name", dial.replaced_tech},
           {"dialled_as", dial.tech},
           {"remedy", "set tech_name in the plan, or tech_alias in the configuration"}});
}

v1::Dialing DialPlanner::NewDialing(StepContext& ctx, const Setup& setup, const v1::Dl& entry,
                                    int slot, const std::string& address,
                                    const std::string& channel) {
  v1::Dialing dialing;
  dialing.set_uuid(writer_->NewDialingUuid(ctx.now, setup.list.number).ToString());
  dialing.set_camp_uuid(setup.campaign.uuid());
  dialing.set_camp_revision(setup.campaign.revision());
  dialing.set_plan_uuid(setup.plan.uuid());
  dialing.set_plan_revision(setup.plan.revision());
  dialing.set_dlma_uuid(setup.list.dlma.uuid());
  dialing.set_dlma_revision(setup.list.dlma.revision());
  dialing.set_dest_uuid(setup.destination.uuid());
  dialing.set_dest_revision(setup.destination.revision());
  dialing.set_dl_list_uuid(entry.uuid());
  dialing.set_dl_list_revision(entry.revision());
  dialing.set_dial_index(static_cast<uint32_t>(slot) + 1);
  dialing.set_dial_addr(address);
  dialing.set_dial_channel(channel);
  dialing.set_dial_trycnt(entry.trycnt(slot) + 1);
  dialing.set_dial_timeout(setup.plan.dial_timeout());
  dialing.set_dial_type(setup.destination.type());
  if (setup.destination.type() == v1::DESTINATION_TYPE_EXTEN) {
    dialing.set_dial_exten(setup.destination.exten());
    dialing.set_dial_context(setup.destination.context());
    dialing.set_dial_priority(setup.destination.priority().empty() ? "1"
                                                                   : setup.destination.priority());
  } else {
    dialing.set_dial_application(CanonicalApplication(setup.destination.application(), *config_));
    dialing.set_dial_data(setup.destination.data());
  }
  return dialing;
}

absl::StatusOr<v1::Dl> DialPlanner::MarkDialling(StepContext& ctx, const Setup& setup,
                                                 const v1::Dl& entry, int slot,
                                                 const std::string& dialing_uuid) {
  v1::Dl marked = entry;
  marked.set_status(v1::DL_STATUS_DIALING);
  marked.set_dialing_uuid(dialing_uuid);
  marked.set_dialing_camp_uuid(setup.campaign.uuid());
  marked.set_dialing_plan_uuid(setup.plan.uuid());
  marked.set_trycnt(slot, entry.trycnt(slot) + 1);
  marked.set_tm_last_dial(FormatRecordTime(ctx.now.wall));
  return writer_->UpdateDl(ctx, entry, std::move(marked));
}

absl::Status DialPlanner::Place(StepContext& ctx, Setup& setup, const v1::Dl& entry, int slot,
                                const DialString& dial, const CallPlace& place) {
  v1::Dialing record = NewDialing(ctx, setup, entry, slot, dial.address, dial.channel);
  const auto uuid = UuidOf<DialingUuid>(record.uuid());
  record.set_status(v1::DIALING_STATUS_ORIGINATE_REQUESTED);
  record.set_node(place.node);
  if (!place.trunk.empty()) record.set_trunk(place.trunk);
  record.set_tm_dialing(FormatRecordTime(ctx.now.wall));
  Originate originate{.dialing = uuid,
                      .channel = dial.channel,
                      .application = record.dial_application(),
                      .data = record.dial_data(),
                      .exten = record.dial_exten(),
                      .context = record.dial_context(),
                      .priority = record.dial_priority(),
                      .timeout = absl::Milliseconds(record.dial_timeout()),
                      .caller_id = setup.plan.caller_id(),
                      .variables = MergeVariables({setup.plan, setup.list.dlma, setup.destination,
                                                   entry, setup.uuid, uuid})};
  for (const auto& [name, value] : originate.variables) {
    v1::Variable* variable = record.add_variables();
    variable->set_name(name);
    variable->set_value(value);
  }
  OUTDIAL_RETURN_IF_ERROR(MarkDialling(ctx, setup, entry, slot, record.uuid()).status());
  OUTDIAL_RETURN_IF_ERROR(writer_->CreateDialing(ctx, &record));

  LiveDialing live;
  live.uuid = uuid;
  live.campaign = setup.uuid;
  live.dl = UuidOf<DlUuid>(entry.uuid());
  live.place = place;
  live.queue = setup.queue;
  live.parking = setup.parking;
  live.terms.has_agents = !setup.queue.empty();
  live.terms.abandon_after = absl::Milliseconds(setup.plan.abandon_after());
  if (setup.plan.has_max_call_length()) {
    live.max_call_length = absl::Seconds(setup.plan.max_call_length());
  }
  live.created = ctx.now.mono;
  live.last_heard = ctx.now.mono;
  live.record = std::move(record);
  breaker_->Start(place.trunk, uuid);
  tracker_->Begin(std::move(live));
  ctx.out.commands.push_back(NodeCommand{place.node, std::move(originate)});
  Publish(ctx, setup.uuid, setup.run, Wait{});
  return absl::OkStatus();
}

absl::Status DialPlanner::RefuseNumber(StepContext& ctx, Setup& setup, const v1::Dl& entry,
                                       int slot, const absl::Status& why) {
  // The number can't be dialled under this plan at all. It counts as a try, so that the list ends.
  v1::Dialing record = NewDialing(ctx, setup, entry, slot, DialledNumber(entry.number(slot)), "");
  record.set_status(v1::DIALING_STATUS_ERROR);
  OUTDIAL_ASSIGN_OR_RETURN(const v1::Dl marked,
                           MarkDialling(ctx, setup, entry, slot, record.uuid()));
  OUTDIAL_RETURN_IF_ERROR(writer_->CreateDialing(ctx, &record));
  std::string detail(why.message());
  for (const FieldViolation& violation : ViolationsOf(why)) {
    detail = absl::StrCat(violation.field, " ", violation.description);
  }
  record.set_outcome(v1::OUTCOME_INVALID_NUMBER);
  record.set_res_dial(v1::DIAL_RESULT_FAILED);
  record.set_res_dial_detail(detail);
  record.set_tm_hangup(FormatRecordTime(ctx.now.wall));
  OUTDIAL_RETURN_IF_ERROR(
      writer_->EndDialing(ctx, &record, controller_->DayOf(setup.campaign, ctx.now.wall)));
  turns_->Open(Obstacle::Kind::kEntries, absl::StrCat(setup.list.number));
  return writer_->UpdateDl(ctx, marked, Released(marked, record)).status();
}

}  // namespace outdial::engine
