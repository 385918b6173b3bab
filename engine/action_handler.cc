#include "engine/action_handler.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/campaign_lifecycle.h"
#include "engine/field_checker.h"
#include "engine/record_form.h"
#include "engine/record_update.h"
#include "engine/required_uuid.h"
#include "engine/validation.h"

namespace outdial::engine {

namespace {

template <class Request, class Record>
absl::Status CheckRevision(const Request& request, const Record& record) {
  if (!request.has_expected_revision() || request.expected_revision() == record.revision()) {
    return absl::OkStatus();
  }
  return Aborted(Reason::kRevisionMismatch,
                 absl::StrCat("the record is at revision ", record.revision(), ", not ",
                              request.expected_revision(), "; read it again and repeat"));
}

absl::Status CheckRoom(absl::string_view kind, size_t count, int limit) {
  if (count < static_cast<size_t>(limit)) return absl::OkStatus();
  return ResourceExhausted(Reason::kLimitReached,
                           absl::StrCat("there are already ", limit, " ", kind,
                                        " records, the limit of this server; delete some"));
}

absl::Status InUse(absl::string_view kind, const std::vector<CampaignUuid>& users) {
  return FailedPrecondition(
      Reason::kRecordInUse,
      absl::StrCat("the ", kind, " is used by ", users.size(), " campaign(s), for example ",
                   users.front().ToString(), "; give that campaign another one or delete it"));
}

std::string SerializeDeterministic(const google::protobuf::Message& message) {
  std::string bytes;
  message.SerializeToString(&bytes);
  return bytes;
}
// True when tries and results are the same.
bool SameHistory(const v1::Dl& a, const v1::Dl& b) {
  return std::equal(a.trycnt().begin(), a.trycnt().end(), b.trycnt().begin(), b.trycnt().end()) &&
         ClassOf(a).outcome == ClassOf(b).outcome && ClassOf(a).res_dial == ClassOf(b).res_dial &&
         a.res_dial_detail() == b.res_dial_detail() && a.res_hangup() == b.res_hangup() &&
         a.res_hangup_detail() == b.res_hangup_detail();
}

// ---- What the small kinds differ in: names and accessors

template <class Record>
struct KindOf;
template <>
struct KindOf<v1::Plan> {
  using Uuid = PlanUuid;
  static constexpr absl::string_view kName = "plan";
};
template <>
struct KindOf<v1::Dlma> {
  using Uuid = DlmaUuid;
  static constexpr absl::string_view kName = "dlma";
};
template <>
struct KindOf<v1::Destination> {
  using Uuid = DestinationUuid;
  static constexpr absl::string_view kName = "destination";
};

template <class Message>
const auto& BodyOf(const Message& message) {
  if constexpr (requires { message.plan(); }) {
    return message.plan();
  } else if constexpr (requires { message.dlma(); }) {
    return message.dlma();
  } else {
    return message.destination();
  }
}

template <class Message>
auto* MutableBody(Message* message) {
  if constexpr (requires { message->mutable_plan(); }) {
    return message->mutable_plan();
  } else if constexpr (requires { message->mutable_dlma(); }) {
    return message->mutable_dlma();
  } else {
    return message->mutable_destination();
  }
}

void CheckRecord(const v1::Plan& plan, const EngineConfig& config, FieldChecker& checker) {
  CheckPlan(plan, config, checker);
}
void CheckRecord(const v1::Dlma& dlma, const EngineConfig& config, FieldChecker& checker) {
  CheckDlma(dlma, config, checker);
}
void CheckRecord(const v1::Destination& destination, const EngineConfig& config,
                 FieldChecker& checker) {
  CheckDestination(destination, config, checker);
}

// ---- Slots: numbers and retries by index 1 to 8

template <class Map, class Set>
void ApplySlots(absl::string_view field, const Map& slots, bool whole_given, FieldChecker* checker,
                Set set) {
  if (slots.empty()) return;
  if (whole_given) {
    checker->Add(field, "can't be given together with the whole list");
    return;
  }
  for (const auto& [slot, value] : std::map(slots.begin(), slots.end())) {
    if (slot < 1 || slot > kNumberSlots) {
      checker->Add(absl::StrCat(field, "[", slot, "]"), "must name slot 1 to 8");
      continue;
    }
    set(static_cast<int>(slot) - 1, value);
  }
}

}  // namespace

// ---- Dispatch

absl::Status ActionHandler::Handle(StepContext& ctx, const ClientAction& action) {
  Result result =
      std::visit([&](const auto& request) { return Apply(ctx, request); }, action.action);
  // Errors of clients carry a reason; what carries none comes from the store.
  if (!result.ok() && ReasonOf(result.status()) == Reason::kNone) return result.status();
  ctx.out.replies.push_back(Reply{action.ticket, std::move(result)});
  return absl::OkStatus();
}

template <class Response, class Request, class Make>
ActionHandler::Result ActionHandler::CreateOnce(StepContext& ctx, const Request& request,
                                                Make make) {
  if (!request.has_request_id()) return make();
  if (const auto problem = RequestIdProblem(request.request_id())) {
    return InvalidField("request_id", *problem);
  }
  // With its type: a plan and a dlma of the same name look alike on the wire.
  const std::string body =
      absl::StrCat(request.GetTypeName(), "\n", SerializeDeterministic(request));
  OUTDIAL_ASSIGN_OR_RETURN(const std::optional<LedgerEntry> known,
                           ctx.store.FindRequest(request.request_id()));
  if (known.has_value()) {
    if (known->request != body) {
      return AlreadyExists(Reason::kRequestIdReused,
                           "request_id was used before with another body; give each new request "
                           "an id of its own");
    }
    Response response;
    if (!response.ParseFromString(known->response)) {
      return absl::DataLossError("a kept answer in the request ledger can't be read");
    }
    return ActionResult(std::move(response));
  }
  OUTDIAL_ASSIGN_OR_RETURN(ActionResult made, make());
  const LedgerEntry entry{body, SerializeDeterministic(std::get<Response>(made))};
  OUTDIAL_RETURN_IF_ERROR(ctx.store.PutRequest(request.request_id(), entry, ctx.now.wall));
  return made;
}

// ---- Campaigns

void ActionHandler::CheckReferences(const v1::Campaign& campaign, FieldChecker* checker) const {
  const auto check = [checker](absl::string_view field, absl::string_view kind,
                               const std::string& text, bool found) {
    // What is no uuid was told already.
    if (!found && Uuid::Parse(text).has_value()) {
      checker->Add(absl::StrCat("campaign.", field),
                   absl::StrCat("must be the uuid of an existing ", kind));
    }
  };
  check("plan", "plan", campaign.plan(),
        catalog_->FindPlan(UuidOf<PlanUuid>(campaign.plan())) != nullptr);
  check("dlma", "dlma", campaign.dlma(),
        catalog_->FindList(UuidOf<DlmaUuid>(campaign.dlma())) != nullptr);
  check("dest", "destination", campaign.dest(),
        catalog_->FindDestination(UuidOf<DestinationUuid>(campaign.dest())) != nullptr);
  check("next_campaign", "campaign", campaign.next_campaign(),
        catalog_->FindCampaign(UuidOf<CampaignUuid>(campaign.next_campaign())) != nullptr);
  if (campaign.has_zone() && !zones_->Find(campaign.zone()).has_value()) {
    checker->Add("campaign.zone", "must be an IANA time zone name, such as Europe/Amsterdam");
  }
}

bool ActionHandler::NextCampaignLeadsTo(const CampaignUuid& from, const CampaignUuid& to) const {
  std::set<CampaignUuid> seen;
  CampaignUuid at = from;
  while (!at.is_nil() && seen.insert(at).second) {
    if (at == to) return true;
    const v1::Campaign* campaign = catalog_->FindCampaign(at);
    at = campaign == nullptr ? CampaignUuid() : UuidOf<CampaignUuid>(campaign->next_campaign());
  }
  return false;
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutCampaignCreateRequest& request) {
  return CreateOnce<v1::OutCampaignCreateResponse>(ctx, request, [&]() -> Result {
    OUTDIAL_RETURN_IF_ERROR(
        CheckRoom("campaign", catalog_->campaigns().size(), config_->max_records_per_kind));
    v1::Campaign campaign;
    CopyGivenFields(request.campaign(), &campaign);
    FieldChecker checker;
    if (campaign.status() != v1::CAMPAIGN_STATUS_STOP) {
      checker.Add("campaign.status", "must be 0 (stop) or absent: make it, then start it");
    }
    SetDefaults(&campaign);
    CheckCampaign(campaign, *config_, checker);
    CheckReferences(campaign, &checker);
    OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
    Normalize(*config_, &campaign);
    OUTDIAL_ASSIGN_OR_RETURN(campaign, writer_->Create(ctx, campaign));
    v1::OutCampaignCreateResponse response;
    *response.mutable_campaign() = campaign;
    return ActionResult(response);
  });
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutCampaignUpdateRequest& request) {
  OUTDIAL_ASSIGN_OR_RETURN(const CampaignUuid uuid,
                           RequiredUuid<CampaignUuid>("campaign.uuid", request.campaign().uuid()));
  const v1::Campaign* current = catalog_->FindCampaign(uuid);
  if (current == nullptr) return NoSuch("campaign", request.campaign().uuid());
  OUTDIAL_RETURN_IF_ERROR(CheckRevision(request, *current));

  const v1::Campaign before = *current;
  v1::Campaign after = before;
  FieldChecker checker;
  ClearNamedFields(request.clear_fields(), &after, &checker);
  CopyGivenFields(request.campaign(), &after);
  after.set_status(before.status());
  SetDefaults(&after);
  CheckCampaign(after, *config_, checker);
  CheckReferences(after, &checker);
  if (after.next_campaign() != before.next_campaign() &&
      NextCampaignLeadsTo(UuidOf<CampaignUuid>(after.next_campaign()), uuid)) {
    checker.Add("campaign.next_campaign", "must not lead back to the campaign itself");
  }
  OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
  Normalize(*config_, &after);
  const bool rewired = after.plan() != before.plan() || after.dlma() != before.dlma() ||
                       after.dest() != before.dest();
  if (rewired && !IsStopped(before.status())) {
    return FailedPrecondition(Reason::kCampaignRunning,
                              "plan, dlma and dest change only while the campaign is stopped; set "
                              "its status to 0 (stop) first");
  }
  LifecycleStep step = LifecycleStep::kNothing;
  if (request.campaign().has_status()) {
    OUTDIAL_ASSIGN_OR_RETURN(step, DecideStep(before.status(), request.campaign().status()));
    if (step == LifecycleStep::kStart) {
      OUTDIAL_RETURN_IF_ERROR(controller_->CheckStartable(after));
    }
  }
  // From here on nothing is refused any more.
  // A status that is already held or under way succeeds without a change.
  const bool changed = after.SerializeAsString() != before.SerializeAsString();
  if (changed || !request.campaign().has_status()) {
    OUTDIAL_ASSIGN_OR_RETURN(after, writer_->Update(ctx, after));
  }
  OUTDIAL_RETURN_IF_ERROR(controller_->Apply(ctx, uuid, step));
  controller_->RecordsChanged({uuid});
  v1::OutCampaignUpdateResponse response;
  *response.mutable_campaign() = *catalog_->FindCampaign(uuid);
  return ActionResult(response);
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutCampaignDeleteRequest& request) {
  OUTDIAL_ASSIGN_OR_RETURN(const CampaignUuid uuid,
                           RequiredUuid<CampaignUuid>("uuid", request.uuid()));
  const v1::Campaign* campaign = catalog_->FindCampaign(uuid);
  if (campaign == nullptr) return NoSuch("campaign", request.uuid());
  OUTDIAL_RETURN_IF_ERROR(CheckRevision(request, *campaign));
  if (!IsStopped(campaign->status())) {
    return FailedPrecondition(Reason::kCampaignRunning,
                              "the campaign is not stopped; set its status to 0 (stop) first");
  }
  const std::vector<CampaignUuid> predecessors = catalog_->PredecessorsOf(uuid);
  if (!predecessors.empty()) return InUse("campaign", predecessors);
  OUTDIAL_ASSIGN_OR_RETURN(const v1::Campaign deleted, writer_->Delete(ctx, *campaign));
  v1::OutCampaignDeleteResponse response;
  *response.mutable_campaign() = deleted;
  return ActionResult(response);
}

// ---- Plans, dial list masters and destinations: alike but for their names

const v1::Plan* ActionHandler::Find(const PlanUuid& uuid) const { return catalog_->FindPlan(uuid); }
const v1::Dlma* ActionHandler::Find(const DlmaUuid& uuid) const {
  const ListRecord* list = catalog_->FindList(uuid);
  return list == nullptr ? nullptr : &list->dlma;
}
const v1::Destination* ActionHandler::Find(const DestinationUuid& uuid) const {
  return catalog_->FindDestination(uuid);
}

template <class Response, class Request>
ActionHandler::Result ActionHandler::CreateSmall(StepContext& ctx, const Request& request,
                                                 size_t count) {
  return CreateOnce<Response>(ctx, request, [&]() -> Result {
    const auto& given = BodyOf(request);
    using Record = std::decay_t<decltype(given)>;
    OUTDIAL_RETURN_IF_ERROR(CheckRoom(KindOf<Record>::kName, count, config_->max_records_per_kind));
    Record record;
    CopyGivenFields(given, &record);
    SetDefaults(&record);
    FieldChecker checker;
    CheckRecord(record, *config_, checker);
    OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
    Normalize(*config_, &record);
    Response response;
    OUTDIAL_ASSIGN_OR_RETURN(*MutableBody(&response), writer_->Create(ctx, std::move(record)));
    return ActionResult(std::move(response));
  });
}

template <class Response, class Request, class EditSlots>
ActionHandler::Result ActionHandler::UpdateSmall(StepContext& ctx, const Request& request,
                                                 EditSlots edit_slots) {
  const auto& given = BodyOf(request);
  using Record = std::decay_t<decltype(given)>;
  const absl::string_view kind = KindOf<Record>::kName;
  OUTDIAL_ASSIGN_OR_RETURN(const auto uuid, RequiredUuid<typename KindOf<Record>::Uuid>(
                                                absl::StrCat(kind, ".uuid"), given.uuid()));
  const Record* current = Find(uuid);
  if (current == nullptr) return NoSuch(kind, given.uuid());
  OUTDIAL_RETURN_IF_ERROR(CheckRevision(request, *current));
  Record record = *current;
  FieldChecker checker;
  ClearNamedFields(request.clear_fields(), &record, &checker);
  CopyGivenFields(given, &record);
  SetDefaults(&record);
  edit_slots(&record, &checker);
  CheckRecord(record, *config_, checker);
  OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
  Normalize(*config_, &record);
  Response response;
  OUTDIAL_ASSIGN_OR_RETURN(*MutableBody(&response), writer_->Update(ctx, std::move(record)));
  controller_->RecordsChanged(catalog_->UsersOf(uuid));
  return ActionResult(std::move(response));
}

template <class Response, class TypedUuidT, class Request>
ActionHandler::Result ActionHandler::DeleteSmall(StepContext& ctx, const Request& request) {
  OUTDIAL_ASSIGN_OR_RETURN(const TypedUuidT uuid, RequiredUuid<TypedUuidT>("uuid", request.uuid()));
  const auto* record = Find(uuid);
  using Record = std::decay_t<decltype(*record)>;
  const absl::string_view kind = KindOf<Record>::kName;
  if (record == nullptr) return NoSuch(kind, request.uuid());
  OUTDIAL_RETURN_IF_ERROR(CheckRevision(request, *record));
  const std::vector<CampaignUuid> users = catalog_->UsersOf(uuid);
  if (!users.empty()) return InUse(kind, users);
  Response response;
  OUTDIAL_ASSIGN_OR_RETURN(*MutableBody(&response), writer_->Delete(ctx, Record(*record)));
  return ActionResult(std::move(response));
}

namespace {

// For kinds without slots.
constexpr auto kNoSlots = [](auto*, FieldChecker*) {};

}  // namespace

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutPlanCreateRequest& request) {
  return CreateSmall<v1::OutPlanCreateResponse>(ctx, request, catalog_->plan_count());
}
ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutPlanUpdateRequest& request) {
  return UpdateSmall<v1::OutPlanUpdateResponse>(
      ctx, request, [&request](v1::Plan* plan, FieldChecker* checker) {
        ApplySlots("set_max_retry", request.set_max_retry(), !request.plan().max_retry().empty(),
                   checker, [plan](int slot, uint32_t value) { plan->set_max_retry(slot, value); });
      });
}
ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutPlanDeleteRequest& request) {
  return DeleteSmall<v1::OutPlanDeleteResponse, PlanUuid>(ctx, request);
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDlmaCreateRequest& request) {
  return CreateSmall<v1::OutDlmaCreateResponse>(ctx, request, catalog_->list_count());
}
ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDlmaUpdateRequest& request) {
  return UpdateSmall<v1::OutDlmaUpdateResponse>(ctx, request, kNoSlots);
}
ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDlmaDeleteRequest& request) {
  const ListRecord* list = catalog_->FindList(UuidOf<DlmaUuid>(request.uuid()));
  if (list != nullptr) {
    OUTDIAL_ASSIGN_OR_RETURN(const ListCount count, ctx.store.CountList(list->number));
    if (count.dialing > 0) {
      return FailedPrecondition(Reason::kEntryBusy,
                                "entries of the list are being dialled; delete it once their "
                                "dialings have ended");
    }
  }
  return DeleteSmall<v1::OutDlmaDeleteResponse, DlmaUuid>(ctx, request);
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDestinationCreateRequest& request) {
  return CreateSmall<v1::OutDestinationCreateResponse>(ctx, request, catalog_->destination_count());
}
ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDestinationUpdateRequest& request) {
  return UpdateSmall<v1::OutDestinationUpdateResponse>(ctx, request, kNoSlots);
}
ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDestinationDeleteRequest& request) {
  return DeleteSmall<v1::OutDestinationDeleteResponse, DestinationUuid>(ctx, request);
}

// ---- Entries

absl::StatusOr<DlPtr> ActionHandler::FindDl(StepContext& ctx, const std::string& text) const {
  const DlUuid uuid = UuidOf<DlUuid>(text);
  absl::StatusOr<DlPtr> dl = ctx.store.GetDl(uuid);
  if (absl::IsNotFound(dl.status())) return NoSuch("dl_list", text);
  if (!dl.ok()) return dl;
  // With its list an entry can't be used any more either.
  const bool list_deleted = catalog_->FindList(UuidOf<DlmaUuid>((*dl)->dlma_uuid())) == nullptr;
  if ((*dl)->has_tm_delete() || list_deleted) return NoSuch("dl_list", text);
  return dl;
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDlListCreateRequest& request) {
  return CreateOnce<v1::OutDlListCreateResponse>(ctx, request, [&]() -> Result {
    OUTDIAL_ASSIGN_OR_RETURN(const DlmaUuid dlma,
                             RequiredUuid<DlmaUuid>("dl.dlma_uuid", request.dl().dlma_uuid()));
    const ListRecord* list = catalog_->FindList(dlma);
    if (list == nullptr) return NoSuch("dlma", request.dl().dlma_uuid());
    v1::Dl dl;
    CopyGivenFields(request.dl(), &dl);
    dl.set_dlma_uuid(dlma.ToString());
    FieldChecker checker;
    CheckDl(dl, *config_, checker);
    OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
    SetDefaults(&dl);
    Normalize(*config_, &dl);
    OUTDIAL_ASSIGN_OR_RETURN(dl, writer_->CreateDl(ctx, list->number, dl));
    controller_->RecordsChanged(catalog_->UsersOf(dlma));
    v1::OutDlListCreateResponse response;
    *response.mutable_dl() = dl;
    return ActionResult(response);
  });
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDlListUpdateRequest& request) {
  OUTDIAL_RETURN_IF_ERROR(RequiredUuid<DlUuid>("dl.uuid", request.dl().uuid()).status());
  OUTDIAL_ASSIGN_OR_RETURN(const DlPtr found, FindDl(ctx, request.dl().uuid()));
  const v1::Dl& before = *found;
  OUTDIAL_RETURN_IF_ERROR(CheckRevision(request, before));
  v1::Dl after = before;
  FieldChecker checker;
  ClearNamedFields(request.clear_fields(), &after, &checker);
  CopyGivenFields(request.dl(), &after);
  if (after.dlma_uuid() != before.dlma_uuid()) {
    checker.Add("dl.dlma_uuid", "can't be changed; make the entry anew in the other list");
  }
  SetDefaults(&after);
  ApplySlots("set_number", request.set_number(), !request.dl().number().empty(), &checker,
             [&after](int slot, const std::string& number) { after.set_number(slot, number); });
  CheckDl(after, *config_, checker);
  OUTDIAL_RETURN_IF_ERROR(checker.ToStatus());
  Normalize(*config_, &after);
  if (before.status() != v1::DL_STATUS_IDLE && !SameHistory(before, after)) {
    return FailedPrecondition(Reason::kEntryBusy,
                              "the entry is being dialled; its tries and results can be set once "
                              "its dialing has ended");
  }
  OUTDIAL_ASSIGN_OR_RETURN(after, writer_->UpdateDl(ctx, before, after));
  controller_->RecordsChanged(catalog_->UsersOf(UuidOf<DlmaUuid>(after.dlma_uuid())));
  v1::OutDlListUpdateResponse response;
  *response.mutable_dl() = after;
  return ActionResult(response);
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx,
                                           const v1::OutDlListDeleteRequest& request) {
  OUTDIAL_RETURN_IF_ERROR(RequiredUuid<DlUuid>("uuid", request.uuid()).status());
  OUTDIAL_ASSIGN_OR_RETURN(const DlPtr found, FindDl(ctx, request.uuid()));
  const v1::Dl& dl = *found;
  OUTDIAL_RETURN_IF_ERROR(CheckRevision(request, dl));
  if (dl.status() != v1::DL_STATUS_IDLE) {
    return FailedPrecondition(Reason::kEntryBusy,
                              "the entry is being dialled; delete it once its dialing has ended");
  }
  OUTDIAL_ASSIGN_OR_RETURN(const v1::Dl deleted, writer_->DeleteDl(ctx, dl));
  controller_->RecordsChanged(catalog_->UsersOf(UuidOf<DlmaUuid>(dl.dlma_uuid())));
  v1::OutDlListDeleteResponse response;
  *response.mutable_dl() = deleted;
  return ActionResult(response);
}

// ---- Imports

ActionHandler::Result ActionHandler::Apply(StepContext& ctx, const ImportBegin& request) {
  return imports_.Begin(ctx, request.begin);
}

ActionHandler::Result ActionHandler::Apply(StepContext& ctx, const ImportSlice& slice) {
  return imports_.Take(ctx, slice);
}

}  // namespace outdial::engine
