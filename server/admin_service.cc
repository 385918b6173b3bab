#include "absl/time/clock.h"
#include "outdial/v1/admin_service.grpc.pb.h"
#include "server/services.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

using Request = v1::OutBackupCreateRequest;
using Response = v1::OutBackupCreateResponse;

class AdminService final : public v1::OutAdminService::CallbackService {
 public:
  explicit AdminService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutBackupCreate(grpc::CallbackServerContext* context,
                                            const Request* request, Response* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    CallGate* gate = deps_.gate;
    const auto finish = [gate, reactor](const absl::Status& status) {
      reactor->Finish(gate->End(MethodOf<Request>(), status));
    };
    absl::Status status = gate->Admit(*context);
    if (status.ok()) {
      const std::string name = request->has_name() ? request->name() : BackupNameAt(absl::Now());
      // Both `reactor` and `response` live until Finish, also when the client is long gone.
      status = deps_.backups->Start(name, [finish, response](absl::StatusOr<v1::Backup> backup) {
        if (!backup.ok()) return finish(backup.status());
        *response->mutable_backup() = *std::move(backup);
        finish(absl::OkStatus());
      });
    }
    if (!status.ok()) finish(status);
    return reactor;
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAdminService(const ServiceDeps& deps) {
  return std::make_unique<AdminService>(deps);
}

}  // namespace outdial::server
