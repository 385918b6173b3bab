// What clients ask for: makes, changes and deletes records, imports entries, and hands status
// changes to the campaign controller. Every rule that both front doors share is here or below.
// Belongs to the engine's thread.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/action.h"
#include "engine/campaign_controller.h"
#include "engine/catalog.h"
#include "engine/engine_config.h"
#include "engine/field_checker.h"
#include "engine/import_handler.h"
#include "engine/record_writer.h"
#include "engine/step_context.h"

namespace outdial::engine {

class ActionHandler {
 public:
  // All must outlive the handler.
  ActionHandler(const EngineConfig* config, ZoneLookup* zones, Catalog* catalog,
                RecordWriter* writer, CampaignController* controller)
      : config_(config),
        zones_(zones),
        catalog_(catalog),
        writer_(writer),
        controller_(controller),
        imports_(config, catalog, writer, controller) {}

  // Applies the action and appends its reply. An error that this returns is the store's, and ends
  // the round; an error of the client is in the reply, and nothing was changed.
  absl::Status Handle(StepContext& ctx, const ClientAction& action);

 private:
  using Result = absl::StatusOr<ActionResult>;

  Result Apply(StepContext& ctx, const v1::OutCampaignCreateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutCampaignUpdateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutCampaignDeleteRequest& request);
  Result Apply(StepContext& ctx, const v1::OutPlanCreateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutPlanUpdateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutPlanDeleteRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDlmaCreateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDlmaUpdateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDlmaDeleteRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDestinationCreateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDestinationUpdateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDestinationDeleteRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDlListCreateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDlListUpdateRequest& request);
  Result Apply(StepContext& ctx, const v1::OutDlListDeleteRequest& request);
  Result Apply(StepContext& ctx, const ImportBegin& request);
  Result Apply(StepContext& ctx, const ImportSlice& request);

  // A create that the ledger may know already.
  template <class Response, class Request, class Make>
  Result CreateOnce(StepContext& ctx, const Request& request, Make make);

  // The kinds that differ in their names only.
  template <class Response, class Request>
  Result CreateSmall(StepContext& ctx, const Request& request, size_t count);
  template <class Response, class Request, class EditSlots>
  Result UpdateSmall(StepContext& ctx, const Request& request, EditSlots edit_slots);
  template <class Response, class TypedUuidT, class Request>
  Result DeleteSmall(StepContext& ctx, const Request& request);
  const v1::Plan* Find(const PlanUuid& uuid) const;
  const v1::Dlma* Find(const DlmaUuid& uuid) const;
  const v1::Destination* Find(const DestinationUuid& uuid) const;

  void CheckReferences(const v1::Campaign& campaign, FieldChecker* checker) const;
  bool NextCampaignLeadsTo(const CampaignUuid& from, const CampaignUuid& to) const;
  absl::StatusOr<DlPtr> FindDl(StepContext& ctx, const std::string& uuid) const;

  const EngineConfig* config_;
  ZoneLookup* zones_;
  Catalog* catalog_;
  RecordWriter* writer_;
  CampaignController* controller_;
  ImportHandler imports_;
};

}  // namespace outdial::engine
