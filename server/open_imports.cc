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

size_t OpenImports::size() {
  absl::MutexLock lock(&mutex_);
  return streams_.size();
}

void OpenImports::Drain() {
  for (auto& [key, stream] : Open()) stream->Drain();
}

void OpenImports::EndStalled(engine::MonotonicTime now) {
  for (auto& [key, stream] : Open()) stream->EndIfStalled(now);
}

OpenImports::Streams OpenImports::Open() {
  absl::MutexLock lock(&mutex_);
  return streams_;
}

}  // namespace outdial::server
