#include "tests/bench/bare_show.h"

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "server/grpc_front.h"

namespace outdial::bench {
namespace {

class Stream final : public grpc::ServerWriteReactor<v1::OutCampaignShowResponse> {
 public:
  explicit Stream(const v1::OutCampaignShowResponse* answer) {
    StartWriteAndFinish(answer, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerWriteReactor<v1::OutCampaignShowResponse>* BareShow::Service::OutCampaignShow(
    grpc::CallbackServerContext*, const v1::OutCampaignShowRequest*) {
  return new Stream(&answer_);
}

BareShow::BareShow(const v1::OutCampaignShowResponse& answer) : service_(answer) {
  int port = 0;
  grpc::ServerBuilder builder;
  server::SetServerLimits(&builder);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

}  // namespace outdial::bench
