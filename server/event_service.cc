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

absl::StatusOr<absl::Duration> HeartbeatOf(const v1::OutEventSubscribeRequest& request) {
  const uint32_t seconds =
      request.has_heartbeat_seconds() ? request.heartbeat_seconds() : kDefaultHeartbeatSeconds;
  if (seconds < 1 || seconds > kMaxHeartbeatSeconds) {
    return engine::InvalidField("heartbeat_seconds",
                                absl::StrCat("must be 1 to ", kMaxHeartbeatSeconds));
  }
  return absl::Seconds(seconds);
}

class EventService final : public v1::OutEventService::CallbackService {
 public:
  explicit EventService(const ServiceDeps& deps) : deps_(deps) {}

  grpc::ServerWriteReactor<v1::OutEventSubscribeResponse>* OutEventSubscribe(
      grpc::CallbackServerContext* context, const v1::OutEventSubscribeRequest* request) override {
    absl::Status status = deps_.gate->Admit(*context);
    auto filter = EventFilter::Make(*request);
    auto after = BeginAfter(*request, deps_.reader);
    auto heartbeat = HeartbeatOf(*request);
    status.Update(filter.status());
    status.Update(after.status());
    status.Update(heartbeat.status());

    std::optional<uint64_t> until;
    if (request->until_newest()) until = deps_.reader->LastEvent();
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
