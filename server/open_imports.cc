#include "server/open_imports.h"

#include <utility>

#include "server/import_stream.h"

namespace outdial::server {

bool OpenImports::Add(std::shared_ptr<ImportStream> stream) {
  absl::MutexLock lock(&mutex_);
  if (streams_.size() >= kMaxImports) return false;
  ImportStream* key = stream.get();
  streams_.emplace(key, std::move(stream));
  return true;
}

void OpenImports::Remove(ImportStream* stream) {
  absl::MutexLock lock(&mutex_);
  streams_.erase(stream);
}

void OpenImports::Drain() {
  absl::flat_hash_map<ImportStream*, std::shared_ptr<ImportStream>> streams;
  {
    absl::MutexLock lock(&mutex_);
    streams = streams_;
  }
  for (auto& [key, stream] : streams) stream->EndIfIdle();
}

}  // namespace outdial::server
