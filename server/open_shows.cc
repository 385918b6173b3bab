#include "server/open_shows.h"

#include "engine/errors.h"

namespace outdial::server {

absl::StatusOr<OpenShows::Place> OpenShows::Enter() {
  const size_t before = count_++;
  Place place(this);
  if (before < kMaxShows) return place;
  return engine::ResourceExhausted(engine::Reason::kLimitReached,
                                   "too many Shows are under way; try again later");
}

}  // namespace outdial::server
