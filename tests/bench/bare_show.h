// Yardstick: a gRPC server that answers OutCampaignShow with one given message, and does nothing
// else.
#pragma once

#include <memory>
#include <string>

#include "grpcpp/server.h"
#include "outdial/v1/campaign_service.grpc.pb.h"

namespace outdial::bench {

// With the limits of the real server. Thread-safe. Starts and ends with the object.
class BareShow {
 public:
  explicit BareShow(const v1::OutCampaignShowResponse& answer);

  const std::string& address() const { return address_; }

 private:
  class Service final : public v1::OutCampaignService::CallbackService {
   public:
    explicit Service(const v1::OutCampaignShowResponse& answer) : answer_(answer) {}
    grpc::ServerWriteReactor<v1::OutCampaignShowResponse>* OutCampaignShow(
        grpc::CallbackServerContext* context, const v1::OutCampaignShowRequest* request) override;

   private:
    const v1::OutCampaignShowResponse answer_;
  };

  Service service_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace outdial::bench
