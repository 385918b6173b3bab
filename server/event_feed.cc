#include "server/event_feed.h"

#include <utility>

#include "server/event_streamer.h"

namespace outdial::server {

EventFeed::EventFeed(uint64_t last_sequence, Metrics* metrics)
    : metrics_(metrics),
      last_sequence_(last_sequence),
      announced_(last_sequence),
      thread_([this] { Run(); }) {}

EventFeed::~EventFeed() { Close(); }

void EventFeed::Publish(uint64_t last_sequence) {
  absl::MutexLock lock(&mutex_);
  last_sequence_ = last_sequence;
}

uint64_t EventFeed::last_sequence() const {
  absl::MutexLock lock(&mutex_);
  return last_sequence_;
}

bool EventFeed::Add(std::shared_ptr<EventStreamer> streamer) {
  absl::MutexLock lock(&mutex_);
  if (closed_ || streamers_.size() >= kMaxSubscriptions) return false;
  EventStreamer* key = streamer.get();
  streamers_.emplace(key, std::move(streamer));
  metrics_->OpenSubscriptions(streamers_.size());
  return true;
}

void EventFeed::Remove(EventStreamer* streamer) {
  absl::MutexLock lock(&mutex_);
  if (streamers_.erase(streamer) > 0) metrics_->OpenSubscriptions(streamers_.size());
}

void EventFeed::Close() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  if (thread_.joinable()) thread_.join();
  for (const auto& streamer : Streamers()) streamer->Drain();
}

void EventFeed::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(this, &EventFeed::HasNews), kHeartbeatTick);
      if (closed_) return;
      announced_ = last_sequence_;
    }
    for (const auto& streamer : Streamers()) streamer->Wake();
  }
}

bool EventFeed::HasNews() const { return closed_ || announced_ != last_sequence_; }

std::vector<std::shared_ptr<EventStreamer>> EventFeed::Streamers() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<EventStreamer>> streamers;
  streamers.reserve(streamers_.size());
  for (const auto& [key, streamer] : streamers_) streamers.push_back(streamer);
  return streamers;
}

}  // namespace outdial::server
