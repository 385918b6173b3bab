// Bounds how many Shows are under way at a time, over all doors.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"

namespace outdial::server {

// Thread-safe. Outlives its places.
class OpenShows {
 public:
  static constexpr size_t kMaxShows = 1000;

  // Frees a place; never does more, since the end of a Show may come on any thread.
  struct Leave {
    void operator()(OpenShows* shows) const { --shows->count_; }
  };
  // Of one Show that is under way.
  using Place = std::unique_ptr<OpenShows, Leave>;

  // RESOURCE_EXHAUSTED: kMaxShows are under way.
  absl::StatusOr<Place> Enter();

 private:
  std::atomic<size_t> count_ = 0;
};

}  // namespace outdial::server
