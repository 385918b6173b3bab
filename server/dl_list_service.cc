#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "server/import_stream.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

absl::StatusOr<NextBatch<v1::OutDlListShowResponse>> ShowOne(storage::StoreReader* reader,
                                                             const std::string& text) {
  const auto uuid = ParseUuidField<engine::DlUuid>("uuid", text);
  if (!uuid.ok()) return uuid.status();
  return OneRecord<v1::OutDlListShowResponse>(
      [reader, uuid = *uuid] { return reader->GetDl(uuid); },
      [](v1::OutDlListShowResponse* response, v1::Dl dl) {
        *response->add_dls() = std::move(dl);
        return true;
      });
}

absl::StatusOr<NextBatch<v1::OutDlListShowResponse>> ShowEntries(
    storage::StoreReader* reader, const v1::OutDlListShowRequest& request) {
  if (request.has_uuid() == request.has_dlma_uuid()) {
    return engine::InvalidFields({{"uuid", "exactly one of uuid and dlma_uuid is required"},
                                  {"dlma_uuid", "exactly one of uuid and dlma_uuid is required"}});
  }
  if (request.has_uuid()) return ShowOne(reader, request.uuid());

  const auto dlma = ParseUuidField<engine::DlmaUuid>("dlma_uuid", request.dlma_uuid());
  if (!dlma.ok()) return dlma.status();
  engine::DlUuid after;
  if (request.has_after_uuid()) {
    const auto parsed = ParseUuidField<engine::DlUuid>("after_uuid", request.after_uuid());
    if (!parsed.ok()) return parsed.status();
    after = *parsed;
  }
  if (absl::Status known = reader->GetDlma(*dlma).status(); !known.ok()) return known;
  std::optional<uint64_t> count;
  if (request.has_count()) count = request.count();
  return RecordPages<v1::OutDlListShowResponse>(
      after, count,
      [reader, dlma = *dlma](const engine::DlUuid& from, size_t limit) {
        return reader->Dls(dlma, from, limit);
      },
      [](v1::OutDlListShowResponse* response, v1::Dl dl) {
        *response->add_dls() = std::move(dl);
        return true;
      });
}

class DlListService final : public v1::OutDlListService::CallbackService {
 public:
  explicit DlListService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerUnaryReactor* OutDlListCreate(grpc::CallbackServerContext* context,
                                            const v1::OutDlListCreateRequest* request,
                                            v1::OutDlListCreateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDlListUpdate(grpc::CallbackServerContext* context,
                                            const v1::OutDlListUpdateRequest* request,
                                            v1::OutDlListUpdateResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerUnaryReactor* OutDlListDelete(grpc::CallbackServerContext* context,
                                            const v1::OutDlListDeleteRequest* request,
                                            v1::OutDlListDeleteResponse* response) override {
    return RunAction(deps_, context, request, response);
  }

  grpc::ServerWriteReactor<v1::OutDlListShowResponse>* OutDlListShow(
      grpc::CallbackServerContext* context, const v1::OutDlListShowRequest* request) override {
    return RunShow<v1::OutDlListShowRequest, v1::OutDlListShowResponse>(
        deps_, context, ShowEntries(deps_.reader, *request));
  }

  grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse>* OutDlListImport(
      grpc::CallbackServerContext* context) override {
    return RunImport(deps_, context);
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDlListService(const ServiceDeps& deps) {
  return std::make_unique<DlListService>(deps);
}

}  // namespace outdial::server
