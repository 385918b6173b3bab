// A gRPC server with canned behaviour, in-process on a port of the system's choice.
#pragma once

#include <grpcpp/server.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "outdial/v1/admin_service.grpc.pb.h"
#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/dialing_service.grpc.pb.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/dlma_service.grpc.pb.h"
#include "outdial/v1/event_service.grpc.pb.h"
#include "outdial/v1/node_service.grpc.pb.h"
#include "outdial/v1/plan_service.grpc.pb.h"

namespace outdial::cli {

inline constexpr char kUuidA[] = "01920000-0000-7000-8000-00000000000a";
inline constexpr char kUuidB[] = "01920000-0000-7000-8000-00000000000b";

// An error with google.rpc details, as the server sends it.
grpc::Status RichError(grpc::StatusCode code, const std::string& message,
                       const std::vector<std::pair<std::string, std::string>>& violations,
                       const std::string& reason);

// What the services answer with and what they were asked. A test sets it before it runs a command
// and reads it afterwards; the services run on gRPC's threads only in between.
struct FakeState {
  // Not OK: the answer to every create, update and delete, and to shows of one record.
  grpc::Status error;
  std::vector<v1::Plan> plans;
  v1::OutPlanCreateRequest plan_create;
  v1::OutPlanUpdateRequest plan_update;
  v1::OutDlListUpdateRequest dl_update;

  // The campaign's states as they are shown one after the other; the last one stays.
  std::vector<v1::Campaign> campaigns;
  size_t campaign_shows = 0;
  // Called when a campaign is shown.
  std::function<void()> on_campaign_show;
  v1::CampaignStat stat;
  v1::OutCampaignUpdateRequest campaign_update;

  v1::OutDlListImportBegin import_begin;
  // Rows that imports made durable, by request id.
  std::map<std::string, std::vector<v1::Dl>> imports;
  std::map<std::string, uint64_t> refused;
  // The stream is cut once so many rows are durable; 0: never.
  uint64_t cut_import_after = 0;
  size_t largest_batch = 0;

  std::vector<v1::Event> events;
  v1::OutEventSubscribeRequest subscribe;
  // Called when all events were sent, before the stream ends.
  std::function<void()> after_events;
  // Whether the stream of events stays open until the client cancels.
  bool events_go_on = false;

  std::vector<v1::Result> results;
  v1::OutResultShowRequest result_show;
  std::vector<v1::Node> nodes;
  v1::OutBackupCreateRequest backup_create;
  // The token of the last call to the plan service.
  std::string authorization;
};

// Listens from its making to its end.
class FakeServer {
 public:
  FakeServer();
  ~FakeServer();

  const std::string& address() const { return address_; }
  FakeState& state() { return state_; }

 private:
  struct Services;

  FakeState state_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace outdial::cli
