#include "server/zone_lookup.h"

#include "absl/strings/match.h"

namespace outdial::server {
namespace {

// The longest name of the database has 32 letters.
constexpr size_t kMaxNameBytes = 64;

// absl::LoadTimeZone takes paths of files as well; a client must not name any.
bool IsZoneName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && name.front() != '/' &&
         name.front() != ':' && !absl::StrContains(name, "..") &&
         !absl::StartsWith(name, "file:") && !absl::StartsWith(name, "libc:");
}

}  // namespace

std::optional<absl::TimeZone> SystemZones::Find(absl::string_view iana_name) {
  if (!IsZoneName(iana_name)) return std::nullopt;
  const std::string name(iana_name);
  absl::MutexLock lock(&mutex_);
  const auto known = zones_.find(name);
  if (known != zones_.end()) return known->second;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  zones_.emplace(name, zone);
  return zone;
}

}  // namespace outdial::server
