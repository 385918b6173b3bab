// The server as the AMI door sees it.
#pragma once

#include <memory>
#include <vector>

#include "ami_gateway/out_backend.h"
#include "server/metrics.h"
#include "server/services.h"

namespace outdial::server {

// Thread-safe. Everything that `deps` names, and `metrics`, outlive it.
//
// The doors differ in how a client proves who it is; from here on both are one: the same control
// plane, the same Shows, the same bounds, the same end.
class AmiBackend final : public ami::OutBackend {
 public:
  AmiBackend(const ServiceDeps& deps, Metrics* metrics) : deps_(deps), metrics_(metrics) {}

  // UNAVAILABLE: the server is stopping.
  void Post(engine::Action action, Done done) override;
  // UNAVAILABLE: the server is stopping. RESOURCE_EXHAUSTED: too many Shows are under way.
  absl::StatusOr<std::unique_ptr<ami::OutPages>> Show(
      const google::protobuf::Message& request) override;
  uint64_t LastEvent() override { return deps_.feed->last_sequence(); }
  uint64_t OldestEvent() override { return deps_.reader->OldestEvent(); }
  absl::StatusOr<std::vector<v1::Event>> Events(uint64_t after, size_t limit) override {
    return deps_.reader->Events(after, limit);
  }

 private:
  const ServiceDeps deps_;
  Metrics* const metrics_;
};

}  // namespace outdial::server
