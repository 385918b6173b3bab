#include "server/event_feed.h"

#include <algorithm>
#include <utility>

#include "server/event_streamer.h"
#include "server/record_pages.h"

namespace outdial::server {

EventFeed::EventFeed(storage::StoreReader* reader, uint64_t last_sequence, Metrics* metrics)
    : reader_(reader),
      metrics_(metrics),
      window_(last_sequence),
      last_sequence_(last_sequence),
      thread_([this] { Run(); }) {}

EventFeed::~EventFeed() { Close(); }

void EventFeed::Publish(uint64_t last_sequence) {
  EventWindow::Page page = encoder_.TakeUpTo(last_sequence);
  absl::MutexLock lock(&mutex_);
  last_sequence_ = last_sequence;
  if (page == nullptr) return;
  if (waiting_bytes_ > kMaxWaitingBytes) {
    waiting_.clear();
    waiting_bytes_ = 0;
  }
  waiting_bytes_ += page->bytes();
  waiting_.push_back(std::move(page));
}

uint64_t EventFeed::last_sequence() const {
  absl::MutexLock lock(&mutex_);
  return last_sequence_;
}

absl::StatusOr<std::vector<EventWindow::Page>> EventFeed::EventsAfter(uint64_t after) const {
  std::vector<EventWindow::Page> pages = window_.After(after, kMaxBatchRecords);
  if (!pages.empty()) return pages;
  // The store may be ahead: what a round made durable is told once its replies are on their way.
  const uint64_t ready = last_ready() - after;
  auto events =
      reader_->Events(after, static_cast<size_t>(std::min<uint64_t>(ready, kMaxBatchRecords)));
  if (!events.ok()) return events.status();
  pages.push_back(std::make_shared<const EncodedEvents>(after, *std::move(events)));
  return pages;
}

bool EventFeed::Add(std::shared_ptr<EventStreamer> streamer) {
  absl::MutexLock lock(&mutex_);
  if (closed_ || streamers_.size() >= kMaxSubscriptions) return false;
  EventStreamer* key = streamer.get();
  streamers_.emplace(key, std::move(streamer));
  has_streamers_ = true;
  metrics_->OpenSubscriptions(streamers_.size());
  return true;
}

void EventFeed::Remove(EventStreamer* streamer) {
  absl::MutexLock lock(&mutex_);
  if (streamers_.erase(streamer) > 0) metrics_->OpenSubscriptions(streamers_.size());
  has_streamers_ = !streamers_.empty();
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
    uint64_t last = 0;
    std::vector<EventWindow::Page> pages;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(this, &EventFeed::HasNews), kHeartbeatTick);
      if (closed_) return;
      last = last_sequence_;
      pages.swap(waiting_);
      waiting_bytes_ = 0;
    }
    Advance(std::move(pages), last);
    WakeStreamers();
  }
}

void EventFeed::WakeStreamers() {
  for (const auto& streamer : Streamers()) streamer->Wake();
}

bool EventFeed::HasNews() const { return closed_ || window_.last() != last_sequence_; }

void EventFeed::Advance(std::vector<EventWindow::Page> pages, uint64_t last) {
  for (EventWindow::Page& page : pages) {
    ReadUpTo(page->after());
    window_.Append(std::move(page));
  }
  ReadUpTo(last);
}

void EventFeed::ReadUpTo(uint64_t last) {
  while (window_.last() < last) {
    ReadPage(last);
    if (window_.last() < last) WakeStreamers();
  }
}

void EventFeed::ReadPage(uint64_t last) {
  if (Streamers().empty()) return window_.Restart(last);
  const uint64_t after = window_.last();
  auto events = reader_->Events(
      after, static_cast<size_t>(std::min<uint64_t>(last - after, kMaxBatchRecords)));
  // What can't be read is left to the streams: each ends with the error that it meets itself.
  if (!events.ok() || events->empty()) return window_.Restart(last);
  window_.Append(std::make_shared<const EncodedEvents>(after, *std::move(events)));
}

std::vector<std::shared_ptr<EventStreamer>> EventFeed::Streamers() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<EventStreamer>> streamers;
  streamers.reserve(streamers_.size());
  for (const auto& [key, streamer] : streamers_) streamers.push_back(streamer);
  return streamers;
}

}  // namespace outdial::server
