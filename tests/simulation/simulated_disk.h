// The disk of a simulated server, and what a power cut leaves of it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ami_gateway/sim_random.h"
#include "storage/kv.h"
#include "storage/memory_store.h"

namespace outdial::simulation {

// One thread, as far as the caller can tell.
class SimulatedDisk {
 public:
  virtual ~SimulatedDisk() = default;

  // Opens what is on it. At most one store is open.
  virtual absl::StatusOr<std::unique_ptr<storage::KeyValueStore>> Open() = 0;
  // The power goes: what was not synced is lost, or a part of it. The open store is dropped after
  // that, and Open finds what is left.
  virtual void CutPower() = 0;
  // The next commit fails in the middle.
  virtual void FailNextCommit() = 0;
  virtual void SetFull(bool full) = 0;
  // All that is on it, readable enough to compare; empty: it can't tell. While a store is open.
  virtual std::string Dump() const = 0;
};

// A MemoryStore: of a commit that fails all is kept or nothing, of unsynced commits nothing.
class MemoryDisk final : public SimulatedDisk {
 public:
  explicit MemoryDisk(uint64_t seed)
      : random_(ami::SimRandom::For(seed, "disk", 0)),
        at_rest_(std::make_unique<storage::MemoryStore>()) {}

  absl::StatusOr<std::unique_ptr<storage::KeyValueStore>> Open() override;
  void CutPower() override;
  void FailNextCommit() override;
  void SetFull(bool full) override;
  std::string Dump() const override;

 private:
  ami::SimRandom random_;
  std::unique_ptr<storage::MemoryStore> at_rest_;  // while no store is open
  storage::MemoryStore* open_ = nullptr;
};

}  // namespace outdial::simulation
