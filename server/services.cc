#include "server/services.h"

namespace outdial::server {

std::vector<std::unique_ptr<grpc::Service>> MakeServices(const ServiceDeps& deps) {
  std::vector<std::unique_ptr<grpc::Service>> services;
  for (auto make : {MakeCampaignService, MakePlanService, MakeDlmaService, MakeDestinationService,
                    MakeDlListService, MakeDialingService, MakeEventService, MakeNodeService,
                    MakeAdminService}) {
    services.push_back(make(deps));
  }
  return services;
}

}  // namespace outdial::server
