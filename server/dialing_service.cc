#include "outdial/v1/dialing_service.grpc.pb.h"
#include "server/services.h"
#include "server/show_stream.h"
#include "server/unary_call.h"

namespace outdial::server {
namespace {

// Absent text: absent uuid.
template <class Uuid>
absl::Status ParseOptional(absl::string_view field, bool present, const std::string& text,
                           std::optional<Uuid>* uuid) {
  if (!present) return absl::OkStatus();
  const absl::StatusOr<Uuid> parsed = ParseUuidField<Uuid>(field, text);
  if (parsed.ok()) *uuid = *parsed;
  return parsed.status();
}

absl::StatusOr<NextBatch<v1::OutDialingShowResponse>> ShowDialings(
    storage::StoreReader* reader, const v1::OutDialingShowRequest& request) {
  std::optional<engine::CampaignUuid> campaign;
  absl::Status status =
      ParseOptional("camp_uuid", request.has_camp_uuid(), request.camp_uuid(), &campaign);
  if (!status.ok()) return status;
  const std::string only = campaign.has_value() ? campaign->ToString() : "";
  const auto add = [only](v1::OutDialingShowResponse* response, v1::Dialing dialing) {
    if (!only.empty() && dialing.camp_uuid() != only) return false;
    *response->add_dialings() = std::move(dialing);
    return true;
  };
  if (!request.has_uuid()) {
    return RecordPages<v1::OutDialingShowResponse>(
        engine::DialingUuid(), std::nullopt,
        [reader](const engine::DialingUuid& after, size_t limit) {
          return reader->LiveDialings(after, limit);
        },
        add);
  }
  const auto uuid = ParseUuidField<engine::DialingUuid>("uuid", request.uuid());
  if (!uuid.ok()) return uuid.status();
  return OneRecord<v1::OutDialingShowResponse>(
      [reader, uuid = *uuid] { return reader->GetDialing(uuid); }, add);
}

absl::Status CountDialings(storage::StoreReader* reader,
                           const v1::OutDialingSummaryRequest& request,
                           v1::OutDialingSummaryResponse* response) {
  std::optional<engine::CampaignUuid> campaign;
  absl::Status status =
      ParseOptional("camp_uuid", request.has_camp_uuid(), request.camp_uuid(), &campaign);
  if (!status.ok()) return status;
  if (campaign.has_value()) {
    status = reader->GetCampaign(*campaign).status();
    if (!status.ok()) return status;
  }
  const auto count = reader->CountDialings(campaign);
  if (!count.ok()) return count.status();
  response->set_count(count->total);
  response->set_answered(count->answered);
  response->set_with_agent(count->with_agent);
  return absl::OkStatus();
}

absl::StatusOr<storage::ResultQuery> ToQuery(const v1::OutResultShowRequest& request) {
  storage::ResultQuery query;
  absl::Status status;
  status.Update(
      ParseOptional("camp_uuid", request.has_camp_uuid(), request.camp_uuid(), &query.campaign));
  status.Update(
      ParseOptional("dlma_uuid", request.has_dlma_uuid(), request.dlma_uuid(), &query.dlma));
  status.Update(
      ParseOptional("dl_list_uuid", request.has_dl_list_uuid(), request.dl_list_uuid(), &query.dl));
  if (!status.ok()) return status;
  for (const int outcome : request.outcomes()) {
    if (!v1::Outcome_IsValid(outcome)) {
      return engine::InvalidField("outcomes", "must be codes of outcomes, 1 to 12");
    }
    query.outcomes.push_back(static_cast<v1::Outcome>(outcome));
  }
  query.after_position = request.after_position();
  query.with_records = request.with_records();
  return query;
}

// A batch of results may be empty: so a long search for few stays cancellable and shows that it
// lives.
NextBatch<v1::OutResultShowResponse> ResultPages(storage::StoreReader* reader,
                                                 storage::ResultQuery query,
                                                 std::optional<uint64_t> count) {
  uint64_t left = count.value_or(std::numeric_limits<uint64_t>::max());
  return [reader, query = std::move(query), left,
          at_end = false](v1::OutResultShowResponse* response) mutable -> absl::StatusOr<bool> {
    if (at_end || left == 0) return false;
    query.limit = static_cast<size_t>(std::min<uint64_t>(left, kMaxBatchRecords));
    auto page = reader->Results(query);
    if (!page.ok()) return page.status();
    at_end = page->at_end;
    query.after_position = page->scanned_to;
    size_t bytes = 0;
    for (v1::Result& result : page->results) {
      bytes += result.ByteSizeLong();
      if (response->results_size() > 0 && bytes > kMaxBatchBytes) {
        // The rest of the page is read again with the next batch.
        at_end = false;
        query.after_position = response->results(response->results_size() - 1).position();
        break;
      }
      *response->add_results() = std::move(result);
      --left;
    }
    return response->results_size() > 0 || !at_end;
  };
}

absl::StatusOr<NextBatch<v1::OutResultShowResponse>> ShowResults(
    storage::StoreReader* reader, const v1::OutResultShowRequest& request) {
  if (request.has_uuid()) {
    const auto uuid = ParseUuidField<engine::DialingUuid>("uuid", request.uuid());
    if (!uuid.ok()) return uuid.status();
    return OneRecord<v1::OutResultShowResponse>(
        [reader, uuid = *uuid, with_records = request.with_records()] {
          return reader->GetResult(uuid, with_records);
        },
        [](v1::OutResultShowResponse* response, v1::Result result) {
          *response->add_results() = std::move(result);
          return true;
        });
  }
  auto query = ToQuery(request);
  if (!query.ok()) return query.status();
  std::optional<uint64_t> count;
  if (request.has_count()) count = request.count();
  return ResultPages(reader, *std::move(query), count);
}

class DialingService final : public v1::OutDialingService::CallbackService {
 public:
  explicit DialingService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerWriteReactor<v1::OutDialingShowResponse>* OutDialingShow(
      grpc::CallbackServerContext* context, const v1::OutDialingShowRequest* request) override {
    return RunShow<v1::OutDialingShowRequest, v1::OutDialingShowResponse>(
        deps_, context, ShowDialings(deps_.reader, *request));
  }

  grpc::ServerUnaryReactor* OutDialingSummary(grpc::CallbackServerContext* context,
                                              const v1::OutDialingSummaryRequest* request,
                                              v1::OutDialingSummaryResponse* response) override {
    return RunRead<v1::OutDialingSummaryRequest>(
        deps_, context, [&] { return CountDialings(deps_.reader, *request, response); });
  }

  grpc::ServerWriteReactor<v1::OutResultShowResponse>* OutResultShow(
      grpc::CallbackServerContext* context, const v1::OutResultShowRequest* request) override {
    return RunShow<v1::OutResultShowRequest, v1::OutResultShowResponse>(
        deps_, context, ShowResults(deps_.reader, *request));
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDialingService(const ServiceDeps& deps) {
  return std::make_unique<DialingService>(deps);
}

}  // namespace outdial::server
