// Time zones of the system's database.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/ports.h"

namespace outdial::server {

// Thread-safe. Loads a zone once, then remembers it.
class SystemZones final : public engine::ZoneLookup {
 public:
  // Absent also for names that would leave the database's folder.
  std::optional<absl::TimeZone> Find(absl::string_view iana_name) override
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Mutex mutex_;
  std::map<std::string, absl::TimeZone> zones_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outdial::server
