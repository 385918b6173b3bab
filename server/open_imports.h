// The imports that are open, so that they can be bounded and, when the server stops, be ended.
#pragma once

#include <cstddef>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "engine/now.h"

namespace outdial::server {

class ImportStream;

// Thread-safe. The bound also bounds memory: each import holds two batches of at most 4 MiB.
class OpenImports {
 public:
  static constexpr size_t kMaxImports = 32;

  // False: kMaxImports are open.
  bool Add(std::shared_ptr<ImportStream> stream) ABSL_LOCKS_EXCLUDED(mutex_);
  size_t size() ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(ImportStream* stream) ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends those that wait for their client; the others see the drain at their next step.
  void Drain() ABSL_LOCKS_EXCLUDED(mutex_);
  // Ends those whose client has been silent for too long, so that they keep no others out. To be
  // called every few seconds at least. `now`: monotonic.
  void EndStalled(engine::MonotonicTime now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Streams = absl::flat_hash_map<ImportStream*, std::shared_ptr<ImportStream>>;

  Streams Open() ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  // Shared with gRPC's threads, which may end a stream while Drain looks at it.
  Streams streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace outdial::server
