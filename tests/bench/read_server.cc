#include "tests/bench/read_server.h"

#include "absl/strings/str_cat.h"
#include "engine/check.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace outdial::bench {

ReadServer::ReadServer(storage::StoreReader* store) : feed_(store, store->LastEvent(), &metrics_) {
  server::Config config;
  config.listen = {"127.0.0.1", 0};
  auto front = server::GrpcFront::Start(
      config, {&gate_, &control_, store, &board_, &feed_, &imports_, &shows_, &backups_});
  OUTDIAL_CHECK(front.ok(), front.status().ToString().c_str());
  front_ = *std::move(front);
}

ReadServer::~ReadServer() {
  gate_.Drain();
  feed_.Close();
  front_->Shutdown(absl::Seconds(5));
}

std::string ReadServer::address() const { return absl::StrCat("127.0.0.1:", front_->port()); }

std::shared_ptr<grpc::Channel> NewConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace outdial::bench
