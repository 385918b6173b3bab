#include "outdial/v1/dialing_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

class DialingService final : public v1::OutDialingService::CallbackService {
 public:
  explicit DialingService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerWriteReactor<v1::OutDialingShowResponse>* OutDialingShow(
      grpc::CallbackServerContext* context, const v1::OutDialingShowRequest* request) override {
    return RunShow(deps_, context, *request, ShowDialings);
  }

  grpc::ServerUnaryReactor* OutDialingSummary(grpc::CallbackServerContext* context,
                                              const v1::OutDialingSummaryRequest* request,
                                              v1::OutDialingSummaryResponse* response) override {
    return RunRead<v1::OutDialingSummaryRequest>(deps_, context, [&]() -> absl::Status {
      auto summary = SummarizeDialings({deps_.reader, deps_.board}, *request);
      if (!summary.ok()) return summary.status();
      *response = *std::move(summary);
      return absl::OkStatus();
    });
  }

  grpc::ServerWriteReactor<v1::OutResultShowResponse>* OutResultShow(
      grpc::CallbackServerContext* context, const v1::OutResultShowRequest* request) override {
    return RunShow(deps_, context, *request, ShowResults);
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDialingService(const ServiceDeps& deps) {
  return std::make_unique<DialingService>(deps);
}

}  // namespace outdial::server
