// The gRPC services. Each handler has four moves: check and convert, post to the loop or read the
// store, convert the reply, map the status. Rules live in the engine, not here.
#pragma once

#include <memory>
#include <vector>

#include "grpcpp/impl/service_type.h"
#include "server/backup_maker.h"
#include "server/call_gate.h"
#include "server/control_plane.h"
#include "server/event_feed.h"
#include "server/open_imports.h"
#include "server/open_shows.h"
#include "server/status_board.h"
#include "storage/record_store.h"

namespace outdial::server {

// What the services work on. All of it is thread-safe and outlives the gRPC server.
struct ServiceDeps {
  CallGate* gate = nullptr;
  ControlPlane* control = nullptr;
  storage::StoreReader* reader = nullptr;
  StatusBoard* board = nullptr;
  EventFeed* feed = nullptr;
  OpenImports* imports = nullptr;
  OpenShows* shows = nullptr;
  BackupMaker* backups = nullptr;
};

std::unique_ptr<grpc::Service> MakeCampaignService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakePlanService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakeDlmaService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakeDestinationService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakeDlListService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakeDialingService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakeEventService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakeNodeService(const ServiceDeps& deps);
std::unique_ptr<grpc::Service> MakeAdminService(const ServiceDeps& deps);

// All of them.
std::vector<std::unique_ptr<grpc::Service>> MakeServices(const ServiceDeps& deps);

}  // namespace outdial::server
