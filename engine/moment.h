// When something happened on a node, as far as that can be told from afar.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::engine {

// What a node says may be read long after it happened: the network, the node or this process may
// have stalled. A plain value.
struct Moment {
  MonotonicTime latest;             // when it was read: it happened no later
  MonotonicTime earliest;           // it happened no earlier; -infinite: nobody knows
  std::optional<absl::Time> stamp;  // when it happened by the node's own clock; absent: not told

  // Of what is known to have happened at `time`.
  static Moment At(MonotonicTime time) { return {time, time, std::nullopt}; }
  // Of what was found at `time` and happened before that at some time or other.
  static Moment Before(MonotonicTime time) {
    return {time, -absl::InfiniteDuration(), std::nullopt};
  }
};

// Two signs of one thing, in either order: it happened with the first of them.
Moment First(const Moment& one, const Moment& other);

// Real time from one thing to another; `least` is negative where it is not known which came first.
struct Span {
  absl::Duration least;
  absl::Duration most;
};

// From `from` to `to`, both of one node. Its stamps tell it exactly; a clock that was set in
// between shows, unless it was set by less than what the times of reading leave open.
Span SpanBetween(const Moment& from, const Moment& to);

}  // namespace outdial::engine
