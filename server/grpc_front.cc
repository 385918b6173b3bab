#include "server/grpc_front.h"

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace outdial::server {
namespace {

constexpr int kMaxStreamsPerConnection = 1000;
constexpr size_t kMaxMemoryBytes = size_t{512} << 20;
constexpr int kKeepaliveTimeMs = 60000;
constexpr int kKeepaliveTimeoutMs = 20000;
constexpr int kMinClientPingIntervalMs = 10000;

absl::Status ReadTlsFile(const std::string& key, const std::string& path, std::string* pem) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  *pem = text.str();
  if (file && !pem->empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("tls.", key, ": ", path, " can't be read; check its path and permissions"));
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const ServerTls& tls) {
  if (tls.cert_file.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  absl::Status status = ReadTlsFile("cert", tls.cert_file, &pair.cert_chain);
  status.Update(ReadTlsFile("key", tls.key_file, &pair.private_key));
  grpc::SslServerCredentialsOptions options;
  if (!tls.client_ca_file.empty()) {
    status.Update(ReadTlsFile("client_ca", tls.client_ca_file, &options.pem_root_certs));
    options.client_certificate_request = GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  if (!status.ok()) return status;
  options.pem_key_cert_pairs.push_back(std::move(pair));
  return grpc::SslServerCredentials(options);
}

// Full names, as clients ask the health service for them.
constexpr const char* kServices[] = {
    "outdial.v1.OutCampaignService",    "outdial.v1.OutPlanService",
    "outdial.v1.OutDlmaService",        "outdial.v1.OutDlListService",
    "outdial.v1.OutDestinationService", "outdial.v1.OutDialingService",
    "outdial.v1.OutEventService",       "outdial.v1.OutNodeService",
    "outdial.v1.OutAdminService",
};

}  // namespace

void SetServerLimits(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder->SetResourceQuota(grpc::ResourceQuota("outdial").Resize(kMaxMemoryBytes));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kMinClientPingIntervalMs);
  // Two servers on one port would each get some of the calls.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

absl::StatusOr<std::unique_ptr<GrpcFront>> GrpcFront::Start(const Config& config,
                                                            const ServiceDeps& deps) {
  auto credentials = MakeCredentials(config.tls);
  if (!credentials.ok()) return credentials.status();

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto front = std::unique_ptr<GrpcFront>(new GrpcFront());
  front->services_ = MakeServices(deps);
  grpc::ServerBuilder builder;
  SetServerLimits(&builder);
  builder.AddListeningPort(config.listen.ToString(), *credentials, &front->port_);
  for (const auto& service : front->services_) builder.RegisterService(service.get());
  front->server_ = builder.BuildAndStart();
  if (front->server_ == nullptr || front->port_ == 0) {
    return absl::UnavailableError(
        absl::StrCat("listen: ", config.listen.ToString(),
                     " can't be listened on; is another server running there, or is the "
                     "certificate not usable?"));
  }
  return front;
}

void GrpcFront::SetServing(bool serving) {
  auto* const health = server_->GetHealthCheckService();
  health->SetServingStatus(serving);
  // That is the server as a whole; a service that was never named is not known to gRPC's health.
  for (const char* service : kServices) health->SetServingStatus(service, serving);
}

void GrpcFront::Shutdown(absl::Duration patience) {
  server_->Shutdown(absl::ToChronoTime(absl::Now() + patience));
}

}  // namespace outdial::server
