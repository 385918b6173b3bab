// Events in the form in which they go over the wire, encoded once for all who follow them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/slice.h"
#include "outdial/v1/event.pb.h"
#include "outdial/v1/event_service.pb.h"
#include "server/event_filter.h"

namespace outdial::server {

// Consecutive events of the log. Immutable once made, hence safe to share between threads; its
// bytes live as long as a message that was made of them.
class EncodedEvents {
 public:
  // `events` come right after sequence `after`.
  EncodedEvents(uint64_t after, const std::vector<v1::Event>& events);

  // Sequence before the first event, and of the last one.
  uint64_t after() const { return after_; }
  uint64_t last() const { return after_ + entries_.size(); }
  size_t bytes() const { return bytes_.size(); }

 private:
  friend class EventEncoder;
  friend class EventMessage;

  struct Entry {
    size_t end;  // of its bytes
    EventFacts facts;
  };

  EncodedEvents(uint64_t after, std::vector<Entry> entries, std::string bytes);

  const uint64_t after_;
  std::vector<Entry> entries_;
  // Each event as the bytes of an OutEventSubscribeResponse that holds it alone: such responses one
  // after the other are one response with all of their events.
  grpc::Slice bytes_;
};

// Encodes events one by one as they come, and gives them away as pages. Belongs to one thread.
class EventEncoder {
 public:
  // An event that doesn't come right after the one before begins anew: what is held is forgotten.
  void Add(uint64_t sequence, const v1::Event& event);
  // Forgets the events after `sequence`.
  void ForgetAfter(uint64_t sequence);
  // The events up to `last` that it holds, and holds no longer; null: there are none.
  std::shared_ptr<const EncodedEvents> TakeUpTo(uint64_t last);

 private:
  friend class EncodedEvents;
  void Append(const v1::Event& event);

  uint64_t after_ = 0;  // sequence before the first that is held
  std::vector<EncodedEvents::Entry> entries_;
  std::string bytes_;
  v1::OutEventSubscribeResponse one_;  // lent each event; else empty
};

// One OutEventSubscribeResponse, put together of slices of what is encoded, without a copy. Belongs
// to one thread.
class EventMessage {
 public:
  // `cursor`: sequence up to which all was sent or filtered out before. `until`: of the last event
  // that is wanted; absent: there is no such.
  explicit EventMessage(uint64_t cursor, std::optional<uint64_t> until = std::nullopt)
      : cursor_(cursor), until_(until) {}

  // Adds those of `events`, which hold the one after cursor(), that match. Looks at no more once
  // the message is full.
  void Add(const EncodedEvents& events, const EventFilter& filter);

  // So many events were looked at, or the message became so large, that it must go; or the last
  // wanted one was looked at.
  bool full() const;
  bool has_events() const { return bytes_ > 0; }
  uint64_t cursor() const { return cursor_; }

  // The message, with the position of cursor().
  grpc::ByteBuffer Encode();

 private:
  bool Fits(size_t event_bytes) const;

  uint64_t cursor_;
  const std::optional<uint64_t> until_;
  size_t seen_ = 0;
  size_t bytes_ = 0;
  bool at_limit_ = false;
  std::vector<grpc::Slice> slices_;
};

}  // namespace outdial::server
