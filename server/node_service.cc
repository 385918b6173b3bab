#include "absl/strings/str_cat.h"
#include "outdial/v1/node_service.grpc.pb.h"
#include "server/services.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

absl::Status ShowNodes(const StatusBoard& board, const v1::OutNodeShowRequest& request,
                       v1::OutNodeShowResponse* response) {
  if (!request.has_name()) {
    for (v1::Node& node : board.Nodes()) *response->add_nodes() = std::move(node);
    return absl::OkStatus();
  }
  std::optional<v1::Node> node = board.FindNode(request.name());
  if (!node.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("no such node: ", request.name(), "; the configuration names the nodes"));
  }
  *response->add_nodes() = *std::move(node);
  return absl::OkStatus();
}

class NodeService final : public v1::OutNodeService::CallbackService {
 public:
  explicit NodeService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutNodeShow(grpc::CallbackServerContext* context,
                                        const v1::OutNodeShowRequest* request,
                                        v1::OutNodeShowResponse* response) override {
    return RunRead<v1::OutNodeShowRequest>(
        deps_, context, [&] { return ShowNodes(*deps_.board, *request, response); });
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeNodeService(const ServiceDeps& deps) {
  return std::make_unique<NodeService>(deps);
}

}  // namespace outdial::server
