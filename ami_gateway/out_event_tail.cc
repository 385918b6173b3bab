#include "ami_gateway/out_event_tail.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/out_replies.h"

namespace outdial::ami {

namespace asio = boost::asio;

OutEventTail::OutEventTail(OutBackend* backend, std::shared_ptr<asio::io_context> io,
                           asio::thread_pool* store_pool,
                           std::function<void(const OutEventBatch& events)> on_events,
                           GatewayLog log)
    : backend_(backend),
      io_(std::move(io)),
      store_pool_(store_pool),
      on_events_(std::move(on_events)),
      log_(std::move(log)),
      published_(backend->LastEvent()) {}

void OutEventTail::Publish(uint64_t last_event) {
  uint64_t before = published_.load();
  while (before < last_event && !published_.compare_exchange_weak(before, last_event)) {
  }
  if (posted_.exchange(true)) return;
  asio::post(*io_, [this] {
    posted_ = false;  // before published_ is read: whoever publishes from now on posts again
    Continue();
  });
}

void OutEventTail::SetWanted(bool wanted) {
  if (wanted && !wanted_) position_ = std::max(position_, published_.load());
  wanted_ = wanted;
}

void OutEventTail::Continue() {
  const uint64_t published = published_.load();
  if (reading_ || !wanted_ || published <= position_) return;
  reading_ = true;
  // The reading takes it off this thread even where it costs nothing: answers that were posted
  // before `published` was set are carried out before its outcome comes back.
  const uint64_t last = std::min<uint64_t>(published, position_ + kMaxBatchEvents);
  asio::post(*store_pool_, [this, after = position_, last] {
    asio::post(*io_, [this, batch = Read(after, last)] { OnBatch(batch); });
  });
}

OutEventTail::Batch OutEventTail::Read(uint64_t after, uint64_t last) {
  Batch batch{.last = last, .events = {}, .status = absl::OkStatus()};
  const absl::StatusOr<std::vector<v1::Event>> events =
      backend_->Events(after, static_cast<size_t>(last - after));
  if (!events.ok()) {
    batch.status = events.status();
    return batch;
  }
  batch.last = after + events->size();
  for (const v1::Event& event : *events) batch.events.push_back(OutEventText(event));
  if (events->empty()) batch = {last, {}, absl::DataLossError("published events are missing")};
  return batch;
}

void OutEventTail::OnBatch(const Batch& batch) {
  reading_ = false;
  if (!batch.status.ok()) {
    Skip(batch);
  } else {
    // Not those that were read for others, before whoever wants events now came.
    const bool news = position_ < batch.last;
    position_ = std::max(position_, batch.last);
    if (wanted_ && news) on_events_(batch.events);
  }
  Continue();
}

void OutEventTail::Skip(const Batch& batch) {
  const uint64_t from = position_ + 1;
  // Trimmed: the oldest that is left comes next. From there on, reading can only get further.
  const uint64_t to =
      absl::IsOutOfRange(batch.status) ? std::max(from, backend_->OldestEvent() - 1) : batch.last;
  position_ = std::max(position_, to);
  log_("error", "ami_events_skipped",
       {{"from", absl::StrCat(from)},
        {"to", absl::StrCat(position_)},
        {"why", std::string(batch.status.message())}});
}

}  // namespace outdial::ami
