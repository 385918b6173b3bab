#include "engine/moment.h"

#include <algorithm>

namespace outdial::engine {

Moment First(const Moment& one, const Moment& other) {
  Moment first{std::min(one.latest, other.latest), std::min(one.earliest, other.earliest),
               one.stamp.has_value() ? one.stamp : other.stamp};
  if (one.stamp.has_value() && other.stamp.has_value()) {
    first.stamp = std::min(*one.stamp, *other.stamp);
  }
  return first;
}

Span SpanBetween(const Moment& from, const Moment& to) {
  const Span read{to.earliest - from.latest, to.latest - from.earliest};
  if (!from.stamp.has_value() || !to.stamp.has_value()) return read;
  const absl::Duration stamped = *to.stamp - *from.stamp;
  if (stamped < read.least || stamped > read.most) return read;
  return {stamped, stamped};
}

}  // namespace outdial::engine
