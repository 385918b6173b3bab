// An event as clients see it, made of the record that is at hand.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "engine/ports.h"
#include "outdial/v1/event.pb.h"

namespace outdial::storage {

// Whether the event tells that a record was deleted. Of such a record only the uuid is shown, but
// of a dialing, which ends with its deletion, all of it.
bool IsDelete(v1::EventKind kind);

// Belongs to one thread. Keeps its strings from one event to the next.
class ShownEvent {
 public:
  // What ReadEvents gives for `note` once it is the event `sequence`. The two bulky records, dl and
  // dialing, are lent: what is returned is valid until the next call or until the record changes or
  // ends, and Unlend must be called before that.
  const v1::Event& Show(uint64_t sequence, const engine::EventNote& note);
  void Unlend();

 private:
  v1::Event event_;
  std::optional<absl::Time> tm_;  // of event_
};

}  // namespace outdial::storage
