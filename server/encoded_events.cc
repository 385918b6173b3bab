#include "server/encoded_events.h"

#include <algorithm>
#include <utility>

#include "server/record_pages.h"
#include "storage/record_store.h"

namespace outdial::server {

namespace {

// Without a copy of the bytes.
grpc::Slice ToSlice(std::string bytes) {
  auto* const owned = new std::string(std::move(bytes));
  const auto destroy = [](void* string) { delete static_cast<std::string*>(string); };
  return {owned->data(), owned->size(), destroy, owned};
}

}  // namespace

EncodedEvents::EncodedEvents(uint64_t after, const std::vector<v1::Event>& events) : after_(after) {
  EventEncoder encoder;
  encoder.entries_.reserve(events.size());
  for (const v1::Event& event : events) encoder.Append(event);
  entries_ = std::move(encoder.entries_);
  bytes_ = ToSlice(std::move(encoder.bytes_));
}

EncodedEvents::EncodedEvents(uint64_t after, std::vector<Entry> entries, std::string bytes)
    : after_(after), entries_(std::move(entries)), bytes_(ToSlice(std::move(bytes))) {}

void EventEncoder::Add(uint64_t sequence, const v1::Event& event) {
  if (sequence != after_ + entries_.size() + 1) {
    entries_.clear();
    bytes_.clear();
  }
  if (entries_.empty()) after_ = sequence - 1;
  Append(event);
}

void EventEncoder::Append(const v1::Event& event) {
  one_.mutable_events()->UnsafeArenaAddAllocated(const_cast<v1::Event*>(&event));
  one_.AppendToString(&bytes_);
  one_.mutable_events()->UnsafeArenaReleaseLast();
  entries_.push_back({bytes_.size(), FactsOf(event)});
}

void EventEncoder::ForgetAfter(uint64_t sequence) {
  if (sequence >= after_ + entries_.size()) return;
  entries_.resize(sequence > after_ ? sequence - after_ : 0);
  bytes_.resize(entries_.empty() ? 0 : entries_.back().end);
}

std::shared_ptr<const EncodedEvents> EventEncoder::TakeUpTo(uint64_t last) {
  if (entries_.empty() || last <= after_) return nullptr;
  const uint64_t after = after_;
  const size_t count = std::min<size_t>(last - after, entries_.size());
  const size_t size = entries_[count - 1].end;
  std::vector<EncodedEvents::Entry> later(entries_.begin() + static_cast<std::ptrdiff_t>(count),
                                          entries_.end());
  for (EncodedEvents::Entry& entry : later) entry.end -= size;
  std::string later_bytes;
  later_bytes.reserve(size);  // the next page will be as long
  later_bytes.append(bytes_, size);
  entries_.resize(count);
  bytes_.resize(size);
  after_ += count;
  return std::shared_ptr<const EncodedEvents>(
      new EncodedEvents(after, std::exchange(entries_, std::move(later)),
                        std::exchange(bytes_, std::move(later_bytes))));
}

void EventMessage::Add(const EncodedEvents& events, const EventFilter& filter) {
  size_t next = cursor_ - events.after_;
  size_t begin = next == 0 ? 0 : events.entries_[next - 1].end;
  size_t end = begin;
  // Neighbours that match go into one slice.
  const auto cut = [&] {
    if (end > begin) slices_.push_back(events.bytes_.sub(begin, end));
    begin = end;
  };
  for (; next < events.entries_.size() && !full(); ++next) {
    const EncodedEvents::Entry& entry = events.entries_[next];
    if (filter.Matches(entry.facts)) {
      if (!Fits(entry.end - end)) {
        at_limit_ = true;
        break;
      }
      bytes_ += entry.end - end;
      end = entry.end;
    } else {
      cut();
      begin = end = entry.end;
    }
    ++seen_;
    ++cursor_;
  }
  cut();
}

bool EventMessage::full() const {
  const bool is_last = until_.has_value() && cursor_ >= *until_;
  return at_limit_ || seen_ >= kMaxBatchRecords || is_last;
}

bool EventMessage::Fits(size_t event_bytes) const {
  return bytes_ == 0 || bytes_ + event_bytes <= kMaxBatchBytes;
}

grpc::ByteBuffer EventMessage::Encode() {
  v1::OutEventSubscribeResponse rest;
  rest.set_position(storage::EncodePosition(cursor_));
  slices_.emplace_back(rest.SerializeAsString());
  return {slices_.data(), slices_.size()};
}

}  // namespace outdial::server
