#include "tests/cli/fake_server.h"

#include <grpcpp/server_builder.h>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace outdial::cli {
namespace {

class PlanService final : public v1::OutPlanService::Service {
 public:
  explicit PlanService(FakeState* state) : state_(*state) {}

  grpc::Status OutPlanCreate(grpc::ServerContext* context, const v1::OutPlanCreateRequest* request,
                             v1::OutPlanCreateResponse* response) override {
    const auto& metadata = context->client_metadata();
    if (const auto found = metadata.find("authorization"); found != metadata.end()) {
      state_.authorization = std::string(found->second.data(), found->second.size());
    }
    state_.plan_create = *request;
    *response->mutable_plan() = request->plan();
    response->mutable_plan()->set_uuid(kUuidA);
    response->mutable_plan()->set_revision(1);
    return state_.error;
  }
  grpc::Status OutPlanUpdate(grpc::ServerContext*, const v1::OutPlanUpdateRequest* request,
                             v1::OutPlanUpdateResponse* response) override {
    state_.plan_update = *request;
    *response->mutable_plan() = request->plan();
    return state_.error;
  }
  grpc::Status OutPlanDelete(grpc::ServerContext*, const v1::OutPlanDeleteRequest* request,
                             v1::OutPlanDeleteResponse* response) override {
    response->mutable_plan()->set_uuid(request->uuid());
    return state_.error;
  }
  grpc::Status OutPlanShow(grpc::ServerContext*, const v1::OutPlanShowRequest* request,
                           grpc::ServerWriter<v1::OutPlanShowResponse>* writer) override {
    for (const v1::Plan& plan : state_.plans) {
      if (request->has_uuid() && request->uuid() != plan.uuid()) continue;
      v1::OutPlanShowResponse response;
      *response.add_plans() = plan;
      writer->Write(response);
    }
    return state_.error;
  }

 private:
  FakeState& state_;
};

class DlmaService final : public v1::OutDlmaService::Service {
 public:
  grpc::Status OutDlmaShow(grpc::ServerContext*, const v1::OutDlmaShowRequest*,
                           grpc::ServerWriter<v1::OutDlmaShowResponse>* writer) override {
    v1::OutDlmaShowResponse response;
    auto* dlma = response.add_dlmas();
    dlma->set_uuid(kUuidB);
    dlma->set_name("people");
    writer->Write(response);
    return grpc::Status::OK;
  }
};

class CampaignService final : public v1::OutCampaignService::Service {
 public:
  explicit CampaignService(FakeState* state) : state_(*state) {}

  grpc::Status OutCampaignUpdate(grpc::ServerContext*, const v1::OutCampaignUpdateRequest* request,
                                 v1::OutCampaignUpdateResponse* response) override {
    state_.campaign_update = *request;
    *response->mutable_campaign() = request->campaign();
    return state_.error;
  }
  grpc::Status OutCampaignShow(grpc::ServerContext*, const v1::OutCampaignShowRequest*,
                               grpc::ServerWriter<v1::OutCampaignShowResponse>* writer) override {
    if (state_.on_campaign_show) state_.on_campaign_show();
    v1::OutCampaignShowResponse response;
    const size_t index = std::min(state_.campaign_shows++, state_.campaigns.size() - 1);
    *response.add_campaigns() = state_.campaigns[index];
    writer->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status OutCampaignStatShow(
      grpc::ServerContext*, const v1::OutCampaignStatShowRequest*,
      grpc::ServerWriter<v1::OutCampaignStatShowResponse>* writer) override {
    v1::OutCampaignStatShowResponse response;
    *response.add_stats() = state_.stat;
    writer->Write(response);
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

class DlListService final : public v1::OutDlListService::Service {
 public:
  explicit DlListService(FakeState* state) : state_(*state) {}

  grpc::Status OutDlListUpdate(grpc::ServerContext*, const v1::OutDlListUpdateRequest* request,
                               v1::OutDlListUpdateResponse* response) override {
    state_.dl_update = *request;
    *response->mutable_dl() = request->dl();
    return state_.error;
  }

  // Refuses rows whose first number is `bad`.
  grpc::Status OutDlListImport(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::OutDlListImportResponse, v1::OutDlListImportRequest>* stream)
      override {
    v1::OutDlListImportRequest request;
    std::string id;
    while (stream->Read(&request)) {
      v1::OutDlListImportResponse response;
      if (request.has_begin()) {
        state_.import_begin = request.begin();
        id = request.begin().request_id();
      }
      std::vector<v1::Dl>& rows = state_.imports[id];
      if (request.has_batch()) {
        if (request.batch().first_row() != rows.size()) {
          return {grpc::StatusCode::FAILED_PRECONDITION, "a gap between batches"};
        }
        if (state_.cut_import_after > 0 && rows.size() >= state_.cut_import_after) {
          return {grpc::StatusCode::UNAVAILABLE, "server is shutting down"};
        }
        state_.largest_batch = std::max<size_t>(state_.largest_batch, request.batch().rows_size());
        for (const v1::Dl& row : request.batch().rows()) {
          if (row.number(0) == "bad") AddRefusal(rows.size(), id, &response);
          rows.push_back(row);
        }
      }
      response.set_next_row(rows.size());
      response.set_refused(state_.refused[id]);
      response.set_accepted(rows.size() - state_.refused[id]);
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  void AddRefusal(uint64_t row, const std::string& id, v1::OutDlListImportResponse* response) {
    auto* refused = response->add_refused_rows();
    refused->set_row(row);
    refused->set_field("number[0]");
    refused->set_reason("must be 1 to 64 of +*#0-9A-Za-z_");
    ++state_.refused[id];
  }

  FakeState& state_;
};

class EventService final : public v1::OutEventService::Service {
 public:
  explicit EventService(FakeState* state) : state_(*state) {}

  grpc::Status OutEventSubscribe(
      grpc::ServerContext* context, const v1::OutEventSubscribeRequest* request,
      grpc::ServerWriter<v1::OutEventSubscribeResponse>* writer) override {
    state_.subscribe = *request;
    for (const v1::Event& event : state_.events) {
      v1::OutEventSubscribeResponse response;
      *response.add_events() = event;
      response.set_position(event.position());
      writer->Write(response);
    }
    if (state_.after_events) state_.after_events();
    // Heartbeats, which fail once the client is gone.
    while (state_.events_go_on && !context->IsCancelled() && writer->Write({})) {
    }
    return state_.error;
  }

 private:
  FakeState& state_;
};

class DialingService final : public v1::OutDialingService::Service {
 public:
  explicit DialingService(FakeState* state) : state_(*state) {}

  grpc::Status OutResultShow(grpc::ServerContext*, const v1::OutResultShowRequest* request,
                             grpc::ServerWriter<v1::OutResultShowResponse>* writer) override {
    state_.result_show = *request;
    v1::OutResultShowResponse response;
    for (const v1::Result& result : state_.results) *response.add_results() = result;
    writer->Write(response);
    return state_.error;
  }

 private:
  FakeState& state_;
};

class NodeService final : public v1::OutNodeService::Service {
 public:
  explicit NodeService(FakeState* state) : state_(*state) {}

  grpc::Status OutNodeShow(grpc::ServerContext*, const v1::OutNodeShowRequest*,
                           v1::OutNodeShowResponse* response) override {
    for (const v1::Node& node : state_.nodes) *response->add_nodes() = node;
    return state_.error;
  }

 private:
  FakeState& state_;
};

class AdminService final : public v1::OutAdminService::Service {
 public:
  explicit AdminService(FakeState* state) : state_(*state) {}

  grpc::Status OutBackupCreate(grpc::ServerContext*, const v1::OutBackupCreateRequest* request,
                               v1::OutBackupCreateResponse* response) override {
    state_.backup_create = *request;
    v1::Backup* backup = response->mutable_backup();
    backup->set_name(request->has_name() ? request->name() : "20260102T030405Z");
    backup->set_directory("/data/backups/" + backup->name());
    backup->set_bytes(4096);
    return state_.error;
  }

 private:
  FakeState& state_;
};

}  // namespace

grpc::Status RichError(grpc::StatusCode code, const std::string& message,
                       const std::vector<std::pair<std::string, std::string>>& violations,
                       const std::string& reason) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  google::rpc::BadRequest bad;
  for (const auto& [field, description] : violations) {
    auto* violation = bad.add_field_violations();
    violation->set_field(field);
    violation->set_description(description);
  }
  if (!violations.empty()) status.add_details()->PackFrom(bad);
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("outdial");
  status.add_details()->PackFrom(info);
  return {code, message, status.SerializeAsString()};
}

struct FakeServer::Services {
  explicit Services(FakeState* state)
      : plan(state),
        campaign(state),
        dl(state),
        event(state),
        dialing(state),
        node(state),
        admin(state) {}

  PlanService plan;
  DlmaService dlma;
  CampaignService campaign;
  DlListService dl;
  EventService event;
  DialingService dialing;
  NodeService node;
  AdminService admin;
};

FakeServer::FakeServer() : services_(std::make_unique<Services>(&state_)) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&services_->plan);
  builder.RegisterService(&services_->dlma);
  builder.RegisterService(&services_->campaign);
  builder.RegisterService(&services_->dl);
  builder.RegisterService(&services_->event);
  builder.RegisterService(&services_->dialing);
  builder.RegisterService(&services_->node);
  builder.RegisterService(&services_->admin);
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
}

FakeServer::~FakeServer() { server_->Shutdown(); }

}  // namespace outdial::cli
