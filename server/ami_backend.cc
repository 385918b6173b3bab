#include "server/ami_backend.h"

#include <functional>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_map.h"
#include "engine/check.h"
#include "server/open_shows.h"
#include "server/shows.h"

namespace outdial::server {
namespace {

// `OutPlanCreate` for an OutPlanCreateRequest.
struct ActionName {
  template <class Request>
  absl::string_view operator()(const Request&) const {
    return MethodOf<Request>();
  }
  absl::string_view operator()(const engine::ImportBegin&) const {
    return MethodOf<v1::OutDlListImportRequest>();
  }
  absl::string_view operator()(const engine::ImportSlice&) const {
    return MethodOf<v1::OutDlListImportRequest>();
  }
};

// A Show under way. Counted once, with how it ended.
template <class Response>
class Pages final : public ami::OutPages {
 public:
  Pages(const CallGate* gate, Metrics* metrics, absl::string_view action, OpenShows::Place place,
        NextBatch<Response> next)
      : gate_(gate),
        metrics_(metrics),
        action_(action),
        place_(std::move(place)),
        next_(std::move(next)) {}
  // A client that left in the middle.
  ~Pages() override { End(absl::StatusCode::kCancelled); }

  absl::StatusOr<bool> Next(google::protobuf::Message* response) override {
    auto* const page = google::protobuf::DynamicCastToGenerated<Response>(response);
    OUTDIAL_CHECK(page != nullptr, "the response is of another Show");
    if (ended_) return false;
    const absl::StatusOr<Batch> batch =
        gate_->draining() ? absl::StatusOr<Batch>(CallGate::DrainStatus()) : next_(page);
    if (!batch.ok() || *batch != Batch::kMore) End(batch.status().code());
    if (!batch.ok()) return batch.status();
    return *batch != Batch::kNone;
  }

 private:
  void End(absl::StatusCode code) {
    if (!std::exchange(ended_, true)) metrics_->AmiActionEnded(action_, code);
  }

  const CallGate* const gate_;
  Metrics* const metrics_;
  const absl::string_view action_;
  OpenShows::Place place_;
  NextBatch<Response> next_;
  bool ended_ = false;
};

// A summary as the pages of a Show: there is one.
absl::StatusOr<NextBatch<v1::OutDialingSummaryResponse>> ShowSummary(
    const ShowSources& sources, const v1::OutDialingSummaryRequest& request) {
  return OneRecord<v1::OutDialingSummaryResponse>(
      [sources, request] { return SummarizeDialings(sources, request); },
      [](v1::OutDialingSummaryResponse* response, v1::OutDialingSummaryResponse summary) {
        *response = std::move(summary);
        return true;
      });
}

using PagesOrError = absl::StatusOr<std::unique_ptr<ami::OutPages>>;
using OpenPages = std::function<PagesOrError(const ServiceDeps&, Metrics*,
                                             const google::protobuf::Message& request)>;
using OpenPagesByRequest = absl::flat_hash_map<const google::protobuf::Descriptor*, OpenPages>;

// `show` as something that is found by the request's type.
template <class Request, class Response>
OpenPagesByRequest::value_type Entry(absl::StatusOr<NextBatch<Response>> (*show)(const ShowSources&,
                                                                                 const Request&)) {
  const auto open = [show](const ServiceDeps& deps, Metrics* metrics,
                           const google::protobuf::Message& message) -> PagesOrError {
    const auto* const request = google::protobuf::DynamicCastToGenerated<Request>(&message);
    OUTDIAL_CHECK(request != nullptr, "found by its type");
    if (deps.gate->draining()) return CallGate::DrainStatus();
    auto place = deps.shows->Enter();
    if (!place.ok()) return place.status();
    auto next = show({deps.reader, deps.board}, *request);
    if (!next.ok()) return next.status();
    return std::make_unique<Pages<Response>>(deps.gate, metrics, MethodOf<Request>(),
                                             *std::move(place), *std::move(next));
  };
  return {Request::descriptor(), open};
}

const OpenPagesByRequest& AllShows() {
  static const auto* const kShows = new OpenPagesByRequest{
      Entry(ShowCampaigns), Entry(ShowCampaignStats), Entry(ShowPlans),    Entry(ShowDlmas),
      Entry(ShowDls),       Entry(ShowDestinations),  Entry(ShowDialings), Entry(ShowSummary)};
  return *kShows;
}

}  // namespace

void AmiBackend::Post(engine::Action action, Done done) {
  const absl::string_view name = std::visit(ActionName(), action);
  auto end = [metrics = metrics_, name,
              done = std::move(done)](absl::StatusOr<engine::ActionResult> result) {
    metrics->AmiActionEnded(name, result.status().code());
    done(std::move(result));
  };
  if (deps_.gate->draining()) return end(CallGate::DrainStatus());
  deps_.control->Post(std::move(action), std::move(end));
}

absl::StatusOr<std::unique_ptr<ami::OutPages>> AmiBackend::Show(
    const google::protobuf::Message& request) {
  const auto found = AllShows().find(request.GetDescriptor());
  OUTDIAL_CHECK(found != AllShows().end(), "no request of a Show");
  auto pages = found->second(deps_, metrics_, request);
  if (!pages.ok()) {
    absl::string_view action = request.GetDescriptor()->name();
    action.remove_suffix(sizeof("Request") - 1);
    metrics_->AmiActionEnded(action, pages.status().code());
  }
  return pages;
}

}  // namespace outdial::server
