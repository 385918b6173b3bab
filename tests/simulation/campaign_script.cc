#include "tests/simulation/campaign_script.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/destination_facts.h"
#include "engine/errors.h"
#include "engine/uuid.h"

namespace outdial::simulation {

namespace {

constexpr size_t kSliceRows = 40;
constexpr uint64_t kMaxPassingRows = 600;
constexpr absl::Duration kLookAgain = absl::Seconds(10);

bool IsStopped(v1::CampaignStatus status) { return status == v1::CAMPAIGN_STATUS_STOP; }

engine::Cap Loosest(const engine::Cap& a, const engine::Cap& b) {
  return {std::max(a.max_calls, b.max_calls), std::max(a.calls_per_second, b.calls_per_second)};
}

// At least a second is kept, whatever the plan says.
absl::Duration DelayOf(const v1::Plan& plan) {
  return absl::Seconds(std::max(plan.retry_delay(), 1U));
}

// A cap with a part left open is open there.
engine::Cap CapOf(const v1::Campaign& campaign) {
  constexpr engine::Cap kOpen{.max_calls = 1000000, .calls_per_second = 1e6};
  return {campaign.has_max_calls() ? static_cast<int>(campaign.max_calls()) : kOpen.max_calls,
          campaign.has_calls_per_second() ? campaign.calls_per_second() : kOpen.calls_per_second};
}

}  // namespace

CampaignScript::CampaignScript(const Scenario* scenario, const VirtualClock* clock,
                               SimulatedClient* client, Bounds* bounds, Violations* violations)
    : scenario_(scenario),
      clock_(clock),
      client_(client),
      bounds_(bounds),
      violations_(violations),
      random_(ami::SimRandom::For(scenario->seed, "script", 0)),
      passing_random_(ami::SimRandom::For(scenario->seed, "passing", 0)),
      twins_(scenario, client, violations),
      next_at_(clock->now().mono),
      plans_(scenario->plans.size()),
      lists_(scenario->lists.size()),
      destinations_(scenario->destinations.size()),
      entry_counts_(scenario->lists.size()) {
  last_entry_ = 0;
  for (const std::vector<v1::Dl>& list : scenario_->lists) {
    last_entry_ += static_cast<int>(list.size());
  }
}

uint64_t CampaignScript::Entries(size_t i) const {
  uint64_t entries = entry_counts_[i] + twins_.added(i);
  for (const auto& [request, import] : imports_) {
    if (import.first == i) entries += import.second;
  }
  return entries;
}

std::string CampaignScript::NextRequestId() { return absl::StrCat("request-", ++last_request_); }

const engine::ActionResult* CampaignScript::Must(
    const absl::StatusOr<engine::ActionResult>& result) {
  if (result.ok()) return &*result;
  violations_->Add("an action failed: ", result.status().ToString());
  return nullptr;
}

void CampaignScript::May(const absl::StatusOr<engine::ActionResult>& result) {
  if (result.ok() || absl::IsFailedPrecondition(result.status())) return;
  violations_->Add("an action failed: ", result.status().ToString());
}

// ---- Setting up: a phase begins when all questions of the one before are answered.

void CampaignScript::Advance(storage::StoreReader* store) {
  if (next_at_ > clock_->now().mono) return;
  next_at_ = clock_->now().mono + absl::Milliseconds(100);
  if (phase_ == Phase::kBusy) return ActAtRandom();
  if (client_->waiting() > 0) return;
  switch (phase_) {
    case Phase::kRecords:
      if (plans_.front().empty()) return MakeRecords();
      phase_ = Phase::kCampaigns;
      return;
    case Phase::kCampaigns:
      if (campaigns_.size() < scenario_->campaigns.size()) return MakeCampaign(campaigns_.size());
      phase_ = Phase::kEntries;
      return MakeEntries();
    case Phase::kEntries:
      phase_ = Phase::kBusy;
      return StartCampaigns();
    case Phase::kSettling:
      phase_ = Phase::kEnding;
      return MakeDialable();
    case Phase::kEnding:
      next_at_ = clock_->now().mono + kLookAgain;
      if (store != nullptr) EndCampaigns(*store);
      return;
    default:
      next_at_ = absl::InfiniteDuration();
      return;
  }
}

void CampaignScript::MakeRecords() {
  for (size_t i = 0; i < plans_.size(); ++i) {
    v1::OutPlanCreateRequest request;
    *request.mutable_plan() = scenario_->plans[i];
    request.set_request_id(NextRequestId());
    client_->Ask(request, [this, i](const auto& result) {
      if (const auto* answer = Must(result)) {
        plans_[i] = std::get<v1::OutPlanCreateResponse>(*answer).plan().uuid();
      }
    });
  }
  for (size_t i = 0; i < lists_.size(); ++i) {
    v1::OutDlmaCreateRequest request;
    request.mutable_dlma()->set_name(absl::StrCat("list ", i));
    request.set_request_id(NextRequestId());
    client_->Ask(request, [this, i](const auto& result) {
      if (const auto* answer = Must(result)) {
        lists_[i] = std::get<v1::OutDlmaCreateResponse>(*answer).dlma().uuid();
      }
    });
  }
  for (size_t i = 0; i < destinations_.size(); ++i) {
    v1::OutDestinationCreateRequest request;
    *request.mutable_destination() = scenario_->destinations[i];
    request.set_request_id(NextRequestId());
    client_->Ask(request, [this, i](const auto& result) {
      const auto* answer = Must(result);
      if (answer == nullptr) return;
      const auto& made = std::get<v1::OutDestinationCreateResponse>(*answer).destination();
      destinations_[i] = made.uuid();
      if (made.has_max_calls()) {
        bounds_->destinations[made.uuid()] = static_cast<int>(made.max_calls());
      }
    });
  }
}

void CampaignScript::MakeList() {
  v1::OutDlmaCreateRequest request;
  request.mutable_dlma()->set_name("one more");
  request.set_request_id(NextRequestId());
  client_->Ask(request, [this](const auto& result) {
    const auto* answer = Must(result);
    if (answer == nullptr) return;
    lists_.push_back(std::get<v1::OutDlmaCreateResponse>(*answer).dlma().uuid());
    entry_counts_.push_back(0);
  });
}

void CampaignScript::MakeCampaign(size_t i) {
  const CampaignPlan& planned = scenario_->campaigns[i];
  v1::OutCampaignCreateRequest request;
  v1::Campaign& campaign = *request.mutable_campaign();
  campaign = planned.record;
  campaign.set_name(absl::StrCat("campaign ", i));
  campaign.set_plan(plans_[planned.plan]);
  campaign.set_dlma(lists_[planned.list]);
  campaign.set_dest(destinations_[planned.destination]);
  if (planned.next_campaign >= 0) {
    campaign.set_next_campaign(campaigns_[static_cast<size_t>(planned.next_campaign)]);
  }
  request.set_request_id(NextRequestId());
  client_->Ask(request, [this, planned](const auto& result) {
    const auto* answer = Must(result);
    if (answer == nullptr) return;
    const auto& made = std::get<v1::OutCampaignCreateResponse>(*answer).campaign();
    campaigns_.push_back(made.uuid());
    const v1::Plan& plan = scenario_->plans[planned.plan];
    CampaignBounds& bounds = bounds_->campaigns[made.uuid()];
    bounds.retry_delay.Ask(DelayOf(plan));
    if (plan.has_max_call_length()) {
      bounds.max_call_length = absl::Seconds(plan.max_call_length());
    }
    bounds.cap = CapOf(made);
    bounds.destination = made.dest();
    bounds.queue = engine::AgentQueueOf(scenario_->destinations[planned.destination]);
    bounds.progressive = plan.dial_mode() == v1::DIAL_MODE_PROGRESSIVE;
  });
}

void CampaignScript::MakeEntries() {
  for (size_t i = 0; i < lists_.size(); ++i) {
    const std::vector<v1::Dl>& list = scenario_->lists[i];
    const size_t one_by_one = list.size() / 2;
    for (size_t j = 0; j < one_by_one; ++j) CreateEntry(i, list[j]);
    Import(i, {list.begin() + static_cast<std::ptrdiff_t>(one_by_one), list.end()});
  }
}

void CampaignScript::StartCampaigns() {
  for (size_t i = 0; i < campaigns_.size(); ++i) SetStatus(i, v1::CAMPAIGN_STATUS_START);
}

// ---- Busy

void CampaignScript::MakePassingList() {
  v1::OutDlmaCreateRequest request;
  request.mutable_dlma()->set_name("passing");
  request.set_request_id(NextRequestId());
  client_->Ask(request, [this](const auto& result) {
    const auto* answer = Must(result);
    if (answer == nullptr) return;
    const std::string& uuid = std::get<v1::OutDlmaCreateResponse>(*answer).dlma().uuid();
    // A create that is asked twice is answered twice.
    if (passing_lists_.insert(uuid).second) FillPassingList(uuid);
  });
}

void CampaignScript::FillPassingList(const std::string& uuid) {
  engine::ImportSlice slice;
  slice.begin.set_dlma_uuid(uuid);
  slice.begin.set_request_id(NextRequestId());
  for (uint64_t i = passing_random_.Below(kMaxPassingRows); i > 0; --i) {
    *slice.batch.add_rows() = DrawEntry(passing_random_, ++last_entry_);
  }
  v1::OutDlListCreateRequest create;
  create.set_request_id(NextRequestId());
  *create.mutable_dl() = DrawEntry(passing_random_, ++last_entry_);
  create.mutable_dl()->set_dlma_uuid(uuid);
  const bool by_client = passing_random_.Chance(0.5);
  client_->Ask(slice, [this, uuid, create, by_client](const auto& result) {
    if (Must(result) == nullptr) return;
    if (!by_client) return DeletePassingList(uuid);
    // What a client made stays for its event.
    client_->Ask(create, [this, uuid](const auto& created) {
      May(created);
      DeletePassingList(uuid);
    });
  });
}

void CampaignScript::DeletePassingList(const std::string& uuid) {
  v1::OutDlmaDeleteRequest request;
  request.set_uuid(uuid);
  client_->Ask(request, [this](const auto& result) {
    // Gone already: the answer to the first request was lost in a crash.
    if (!absl::IsNotFound(result.status())) May(result);
    ++deleted_lists_;
  });
}

void CampaignScript::ActAtRandom() {
  if (scenario_->trims && passing_random_.Chance(0.2)) MakePassingList();
  if (const auto due = twins_.Due()) {
    twins_.Import(*due, lists_[*due], NextRequestId(), &last_entry_);
  }
  next_at_ = clock_->now().mono + absl::Seconds(1) + random_.Around(absl::Seconds(9));
  constexpr v1::CampaignStatus kStatuses[] = {v1::CAMPAIGN_STATUS_START,
                                              v1::CAMPAIGN_STATUS_START,
                                              v1::CAMPAIGN_STATUS_START,
                                              v1::CAMPAIGN_STATUS_START,
                                              v1::CAMPAIGN_STATUS_STOP,
                                              v1::CAMPAIGN_STATUS_PAUSE,
                                              v1::CAMPAIGN_STATUS_STOPPING_FORCED,
                                              v1::CAMPAIGN_STATUS_STOPPING_FORCED};
  const size_t list = random_.Below(lists_.size());
  switch (random_.Below(14)) {
    case 0:
      return UpdatePlan();
    case 1:
      return UpdateCampaign();
    case 2:
    case 3:
      return UpdateEntry();
    case 4:
      return DeleteEntry();
    case 5:
      return CreateEntry(list, DrawEntry(random_, ++last_entry_));
    case 6: {
      std::vector<v1::Dl> rows;
      const uint64_t count = 1 + random_.Below(10);
      for (uint64_t i = 0; i < count; ++i) rows.push_back(DrawEntry(random_, ++last_entry_));
      return Import(list, rows);
    }
    case 7:
      return UpdateDestination();
    case 8:
      return MakeList();
    default:
      return SetStatus(random_.Below(campaigns_.size()),
                       kStatuses[random_.Below(std::size(kStatuses))]);
  }
}

void CampaignScript::ForceSome() {
  if (phase_ != Phase::kBusy) return;
  for (size_t i = 0; i < campaigns_.size(); ++i) {
    if (random_.Chance(0.9)) SetStatus(i, v1::CAMPAIGN_STATUS_STOPPING_FORCED);
  }
}

void CampaignScript::SetStatus(size_t campaign, v1::CampaignStatus status) {
  const std::string& uuid = campaigns_[campaign];
  const bool starts = status == v1::CAMPAIGN_STATUS_START;
  if (starts) {
    ++start_questions_[uuid];
    stopped_.erase(uuid);
  }
  v1::OutCampaignUpdateRequest request;
  request.mutable_campaign()->set_uuid(uuid);
  request.mutable_campaign()->set_status(status);
  client_->Ask(request, [this, status, starts, campaign, uuid](const auto& result) {
    May(result);
    if (starts) --start_questions_[uuid];
    if (!result.ok() || starts) return;
    const auto& planned = scenario_->campaigns;
    const bool is_next = std::any_of(planned.begin(), planned.end(), [campaign](const auto& other) {
      return other.next_campaign == static_cast<int>(campaign);
    });
    if (start_questions_[uuid] == 0 && !is_next) stopped_.insert(uuid);
    if (status == v1::CAMPAIGN_STATUS_STOPPING_FORCED && on_forced_) on_forced_(uuid);
  });
}

void CampaignScript::UpdatePlan() {
  const size_t i = random_.Below(plans_.size());
  v1::OutPlanUpdateRequest request;
  v1::Plan& plan = *request.mutable_plan();
  plan.set_uuid(plans_[i]);
  switch (random_.Below(4)) {
    case 0:
      plan.set_caller_id(absl::StrCat("\"Sales\" <", 100 + random_.Below(100), ">"));
      break;
    case 1: {
      plan.set_retry_delay(static_cast<uint32_t>(1 + random_.Below(200)));
      for (CampaignBounds* bounds : BoundsOfPlan(i)) bounds->retry_delay.Ask(DelayOf(plan));
      break;
    }
    case 2:
      (*request.mutable_set_max_retry())[1] = static_cast<uint32_t>(1 + random_.Below(3));
      break;
    default:
      // No channel can be made to it: nothing is sent, and no try is lost.
      plan.set_trunk_name(random_.Chance(0.3) ? "unregistered" : "trunk");
      break;
  }
  ++plan_questions_[i];
  client_->Ask(request, [this, i](const auto& result) {
    May(result);
    --plan_questions_[i];
    if (!result.ok()) return;
    const v1::Plan& told = std::get<v1::OutPlanUpdateResponse>(*result).plan();
    if (told_plans_[i].revision() < told.revision()) told_plans_[i] = told;
    if (plan_questions_[i] > 0) return;
    for (CampaignBounds* bounds : BoundsOfPlan(i)) {
      bounds->retry_delay.Settle(DelayOf(told_plans_[i]), clock_->now().mono);
    }
  });
}

std::vector<CampaignBounds*> CampaignScript::BoundsOfPlan(size_t plan) {
  std::vector<CampaignBounds*> found;
  for (size_t i = 0; i < campaigns_.size(); ++i) {
    if (scenario_->campaigns[i].plan == plan) found.push_back(&bounds_->campaigns[campaigns_[i]]);
  }
  return found;
}

void CampaignScript::UpdateDestination() {
  const size_t i = random_.Below(destinations_.size());
  if (!scenario_->destinations[i].has_exten()) return;
  v1::OutDestinationUpdateRequest request;
  request.mutable_destination()->set_uuid(destinations_[i]);
  // Where there is no such extension the node refuses the Originate.
  request.mutable_destination()->set_exten(
      random_.Chance(0.5) ? "nobody" : scenario_->destinations[i].exten());
  client_->Ask(request, [this](const auto& result) { May(result); });
}

void CampaignScript::UpdateCampaign() {
  const std::string& uuid = campaigns_[random_.Below(campaigns_.size())];
  v1::OutCampaignUpdateRequest request;
  v1::Campaign& campaign = *request.mutable_campaign();
  campaign.set_uuid(uuid);
  if (random_.Chance(0.5)) {
    campaign.set_max_calls(static_cast<uint32_t>(1 + random_.Below(10)));
  } else {
    campaign.set_detail(absl::StrCat("changed at ", absl::FormatTime(clock_->now().wall)));
  }
  CampaignBounds& bounds = bounds_->campaigns[uuid];
  if (campaign.has_max_calls()) {
    bounds.cap = Loosest(*bounds.cap, {static_cast<int>(campaign.max_calls()), 0});
  }
  client_->Ask(request, [this](const auto& result) { May(result); });
}

void CampaignScript::UpdateEntry() {
  if (entries_.empty()) return;
  v1::OutDlListUpdateRequest request;
  request.mutable_dl()->set_uuid(entries_[random_.Below(entries_.size())]);
  switch (random_.Below(3)) {
    case 0:
      request.mutable_dl()->set_udata(absl::StrCat("changed ", random_.Below(1000)));
      break;
    case 1:
      request.mutable_dl()->set_not_before(
          engine::FormatRecordTime(clock_->now().wall + absl::Seconds(random_.Below(600))));
      break;
    default:
      request.add_clear_fields("not_before");
      break;
  }
  AskToUpdate(std::move(request));
}

void CampaignScript::AskToUpdate(v1::OutDlListUpdateRequest request) {
  const std::string uuid = request.dl().uuid();
  ++entry_questions_[uuid];
  client_->Ask(request, [this, uuid, changed = request.dl()](const auto& result) {
    --entry_questions_[uuid];
    // Asked again after a failure, it may come after the entry's deletion.
    if (!absl::IsNotFound(result.status())) May(result);
    if (result.ok()) Told(std::get<v1::OutDlListUpdateResponse>(*result).dl(), changed);
  });
}

void CampaignScript::Told(const v1::Dl& dl, const v1::Dl& changed) {
  v1::Dl& told = told_entries_[dl.uuid()];
  if (told.revision() >= dl.revision()) return;
  const bool alone = entry_questions_[dl.uuid()] == 0 && told.revision() > 0;
  if (alone && !changed.has_udata() && told.udata() != dl.udata()) {
    violations_->Add("entry ", dl.uuid(), " has the udata ", dl.udata(), " and was told to have ",
                     told.udata());
  }
  told = dl;
}

void CampaignScript::ClearNotBefore(const std::string& entry) {
  v1::OutDlListUpdateRequest request;
  request.mutable_dl()->set_uuid(entry);
  request.add_clear_fields("not_before");
  AskToUpdate(std::move(request));
}

absl::Time CampaignScript::NotBefore(const std::string& entry) const {
  const auto told = told_entries_.find(entry);
  if (told == told_entries_.end() || !told->second.has_not_before()) return absl::InfinitePast();
  const auto asked = entry_questions_.find(entry);
  if (asked != entry_questions_.end() && asked->second > 0) return absl::InfinitePast();
  return *engine::ParseRecordTime(told->second.not_before());
}

void CampaignScript::DeleteEntry() {
  if (entries_.empty()) return;
  const size_t i = random_.Below(entries_.size());
  const std::string uuid = entries_[i];
  // Nothing else is done to it until that is answered, so that no later action finds it gone.
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
  v1::OutDlListDeleteRequest request;
  request.set_uuid(uuid);
  const engine::ListNumber number = engine::Uuid::Parse(uuid)->list_number();
  told_entries_.erase(uuid);
  client_->Ask(request, [this, uuid, number](const auto& result) {
    // Gone already: the answer to the first request was lost in a crash.
    if (!result.ok() && !absl::IsNotFound(result.status())) {
      entries_.push_back(uuid);
      return May(result);
    }
    for (size_t list = 0; list < lists_.size(); ++list) {
      if (engine::DlmaUuid::Parse(lists_[list])->list_number() == number) --entry_counts_[list];
    }
  });
}

void CampaignScript::CreateEntry(size_t list, v1::Dl dl) {
  v1::OutDlListCreateRequest request;
  dl.set_dlma_uuid(lists_[list]);
  *request.mutable_dl() = std::move(dl);
  request.set_request_id(NextRequestId());
  client_->Ask(request, [this, list](const auto& result) {
    const auto* answer = Must(result);
    if (answer == nullptr) return;
    ++entry_counts_[list];
    const v1::Dl& made = std::get<v1::OutDlListCreateResponse>(*answer).dl();
    entries_.push_back(made.uuid());
    Told(made, made);
  });
}

void CampaignScript::Import(size_t list, const std::vector<v1::Dl>& rows) {
  if (!rows.empty()) ImportSlices(list, NextRequestId(), rows, 0);
}

// Slice by slice, each once the one before is acknowledged.
void CampaignScript::ImportSlices(size_t list, const std::string& request_id,
                                  std::vector<v1::Dl> rows, uint64_t next_row) {
  engine::ImportSlice slice;
  slice.begin.set_dlma_uuid(lists_[list]);
  slice.begin.set_request_id(request_id);
  slice.batch.set_first_row(next_row);
  const size_t end = std::min(rows.size(), static_cast<size_t>(next_row) + kSliceRows);
  for (size_t row = next_row; row < end; ++row) *slice.batch.add_rows() = rows[row];
  client_->Ask(slice, [this, list, request_id, rows = std::move(rows)](const auto& result) {
    const auto* answer = Must(result);
    if (answer == nullptr) return;
    const auto& progress = std::get<v1::OutDlListImportResponse>(*answer);
    if (progress.refused() > 0) violations_->Add("an import refused a good row");
    imports_[request_id] = {list, progress.accepted()};
    if (progress.next_row() == rows.size()) return twins_.NoteAdded(list, rows);
    ImportSlices(list, request_id, rows, NextRow(progress.next_row()));
  });
}

// A client whose import was cut may have forgotten how far it got, and sends the first row again.
uint64_t CampaignScript::NextRow(uint64_t expected) {
  if (!scenario_->faults.clients || !random_.Chance(0.3)) return expected;
  return random_.Chance(0.5) ? 0 : expected - std::min(expected, random_.Below(kSliceRows));
}

// ---- The end

void CampaignScript::WindDown() {
  phase_ = Phase::kSettling;
  next_at_ = clock_->now().mono;
}

void CampaignScript::MakeDialable() {
  for (size_t i = 0; i < plans_.size(); ++i) {
    v1::OutPlanUpdateRequest request;
    request.mutable_plan()->set_uuid(plans_[i]);
    request.mutable_plan()->set_dl_end_handle(v1::DL_END_HANDLE_STOP);
    if (!scenario_->plans[i].trunk_name().empty()) {
      request.mutable_plan()->set_trunk_name(scenario_->plans[i].trunk_name());
    } else {
      request.add_clear_fields("trunk_name");
    }
    client_->Ask(request, [this](const auto& result) { Must(result); });
  }
  for (size_t i = 0; i < destinations_.size(); ++i) {
    if (!scenario_->destinations[i].has_exten()) continue;
    v1::OutDestinationUpdateRequest request;
    request.mutable_destination()->set_uuid(destinations_[i]);
    request.mutable_destination()->set_exten(scenario_->destinations[i].exten());
    client_->Ask(request, [this](const auto& result) { Must(result); });
  }
  // Nothing is to wait for a time that the server's clock may reach hours later.
  if (!scenario_->faults.clock) return;
  for (const std::string& entry : entries_) ClearNotBefore(entry);
}

void CampaignScript::EndCampaigns(storage::StoreReader& store) {
  bool all_ended = true;
  for (size_t i = 0; i < campaigns_.size(); ++i) {
    const engine::CampaignUuid uuid = *engine::CampaignUuid::Parse(campaigns_[i]);
    const auto campaign = store.GetCampaign(uuid);
    const auto stat = store.CampaignStat(uuid);
    if (!campaign.ok() || !stat.ok()) {
      violations_->Add("campaign ", campaigns_[i], " is lost");
      continue;
    }
    const bool used_up = stat->dl_available_count() == 0 && stat->dl_dialing_count() == 0;
    if (IsStopped(campaign->status()) && used_up) continue;
    all_ended = false;
    if (IsStopped(campaign->status()) || campaign->status() == v1::CAMPAIGN_STATUS_PAUSE) {
      SetStatus(i, v1::CAMPAIGN_STATUS_START);
    }
  }
  if (all_ended) phase_ = Phase::kDone;
}

}  // namespace outdial::simulation
