#include "absl/strings/str_cat.h"
#include "engine/errors.h"
#include "outdial/v1/event_service.grpc.pb.h"
#include "server/event_filter.h"
#include "server/event_streamer.h"
#include "server/services.h"

namespace outdial::server {
namespace {

constexpr uint32_t kDefaultHeartbeatSeconds = 30;
constexpr uint32_t kMaxHeartbeatSeconds = 3600;

// The sequence that the stream begins after.
absl::StatusOr<uint64_t> BeginAfter(const v1::OutEventSubscribeRequest& request,
                                    storage::StoreReader* reader) {
  const uint64_t last = reader->LastEvent();
  if (!request.has_after_position()) return last;
  if (request.after_position() == "oldest") return reader->OldestEvent() - 1;
  const std::optional<uint64_t> after = storage::ParsePosition(request.after_position());
  if (!after.has_value() || *after > last) {
    return engine::InvalidField("after_position",
                                "must be a position that this server gave, or `oldest`");
  }
  if (*after + 1 < reader->OldestEvent()) {
    return engine::OutOfRange(
        engine::Reason::kPositionTrimmed,
        "events after this position are no longer kept; begin with the position `oldest`");
  }
  return *after;
}

absl::Status Parse(const grpc::ByteBuffer& bytes, v1::OutEventSubscribeRequest* request) {
  grpc::ByteBuffer copy = bytes;  // of references: what is read is used up
  const grpc::Status parsed =
      grpc::SerializationTraits<v1::OutEventSubscribeRequest>::Deserialize(&copy, request);
  if (parsed.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError("the request is no OutEventSubscribeRequest");
}

absl::StatusOr<absl::Duration> HeartbeatOf(const v1::OutEventSubscribeRequest& request) {
  const uint32_t seconds =
      request.has_heartbeat_seconds() ? request.heartbeat_seconds() : kDefaultHeartbeatSeconds;
  if (seconds < 1 || seconds > kMaxHeartbeatSeconds) {
    return engine::InvalidField("heartbeat_seconds",
                                absl::StrCat("must be 1 to ", kMaxHeartbeatSeconds));
  }
  return absl::Seconds(seconds);
}

// Sends bytes, since the streams share what they send; the request is read here for that reason.
class EventService final : public v1::OutEventService::WithRawCallbackMethod_OutEventSubscribe<
                               v1::OutEventService::Service> {
 public:
  explicit EventService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* OutEventSubscribe(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer* bytes) override {
    absl::Status status = deps_.gate->Admit(*context);
    v1::OutEventSubscribeRequest request;
    status.Update(Parse(*bytes, &request));
    auto filter = EventFilter::Make(request);
    auto after = BeginAfter(request, deps_.reader);
    auto heartbeat = HeartbeatOf(request);
    status.Update(filter.status());
    status.Update(after.status());
    status.Update(heartbeat.status());

    std::optional<uint64_t> until;
    if (request.until_newest()) until = deps_.reader->LastEvent();
    auto streamer = std::make_shared<EventStreamer>(
        deps_, filter.ok() ? *std::move(filter) : EventFilter(), after.ok() ? *after : 0, until,
        heartbeat.ok() ? *heartbeat : absl::Seconds(kDefaultHeartbeatSeconds));
    if (status.ok() && !deps_.feed->Add(streamer)) {
      status = engine::ResourceExhausted(engine::Reason::kLimitReached,
                                         "too many clients follow the events; try again later");
    }
    if (status.ok()) {
      EventStreamer::Start(streamer);
    } else {
      EventStreamer::Refuse(streamer, status);
    }
    return streamer.get();
  }

 private:
  const ServiceDeps deps_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeEventService(const ServiceDeps& deps) {
  return std::make_unique<EventService>(deps);
}

}  // namespace outdial::server
