// Shows as server streams.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/server_callback.h"
#include "server/open_shows.h"
#include "server/record_pages.h"
#include "server/services.h"
#include "server/shows.h"

namespace outdial::server {

// One stream. Runs on gRPC's threads, one reaction after the other; deletes itself at the end.
template <class Response>
class ShowStream final : public grpc::ServerWriteReactor<Response> {
 public:
  ShowStream(const CallGate* gate, absl::string_view method) : gate_(gate), method_(method) {}

  // Streams what `next` yields; holds `place` until the end.
  void Start(OpenShows::Place place, NextBatch<Response> next) {
    place_ = std::move(place);
    next_ = std::move(next);
    Continue();
  }
  void End(const absl::Status& status) {
    // Before the client learns of the end: it may ask again at once.
    place_ = {};
    this->Finish(gate_->End(method_, status));
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(absl::CancelledError("the client is gone"));
    Continue();
  }
  void OnDone() override { delete this; }

 private:
  // Sends the next batch, or ends the stream.
  void Continue() {
    if (gate_->draining()) return End(CallGate::DrainStatus());
    response_.Clear();
    const absl::StatusOr<Batch> batch = next_(&response_);
    if (!batch.ok() || *batch == Batch::kNone) return End(batch.status());
    if (*batch == Batch::kMore) return this->StartWrite(&response_);
    // The message and the end together: for one record that is half of what gRPC has to do.
    place_ = {};
    this->StartWriteAndFinish(&response_, grpc::WriteOptions(),
                              gate_->End(method_, absl::OkStatus()));
  }

  const CallGate* gate_;
  absl::string_view method_;
  OpenShows::Place place_;
  NextBatch<Response> next_;
  Response response_;
};

// Streams the answer of `show`, which is one of shows.h, to who is admitted.
template <class Request, class Response>
grpc::ServerWriteReactor<Response>* RunShow(
    const ServiceDeps& deps, grpc::CallbackServerContext* context, const Request& request,
    absl::StatusOr<NextBatch<Response>> (*show)(const ShowSources&, const Request&)) {
  auto* stream = new ShowStream<Response>(deps.gate, MethodOf<Request>());
  const auto end = [stream](const absl::Status& status) {
    stream->End(status);
    return stream;
  };
  if (absl::Status admitted = deps.gate->Admit(*context); !admitted.ok()) return end(admitted);
  auto place = deps.shows->Enter();
  if (!place.ok()) return end(place.status());
  auto next = show({deps.reader, deps.board}, request);
  if (!next.ok()) return end(next.status());
  stream->Start(*std::move(place), *std::move(next));
  return stream;
}

}  // namespace outdial::server
