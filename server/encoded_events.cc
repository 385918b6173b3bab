#include "server/encoded_events.h"

#include <utility>

#include "outdial/v1/event_service.pb.h"
#include "server/record_pages.h"
#include "storage/record_store.h"

namespace outdial::server {

EncodedEvents::EncodedEvents(uint64_t after, std::vector<v1::Event> events) : after_(after) {
  entries_.reserve(events.size());
  std::string bytes;
  v1::OutEventSubscribeResponse one;
  for (v1::Event& event : events) {
    EventFacts facts = FactsOf(event);
    one.add_events()->Swap(&event);
    one.AppendToString(&bytes);
    one.clear_events();
    entries_.push_back({bytes.size(), std::move(facts)});
  }
  bytes_ = grpc::Slice(bytes);
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
