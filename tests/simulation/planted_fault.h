// Faults that are put into a simulated server on purpose, to see that the simulation finds them.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/engine_config.h"
#include "engine/node_command.h"
#include "engine/node_event.h"
#include "engine/ports.h"
#include "storage/kv.h"

namespace outdial::simulation {

// What a fault may change: each port of the run loop, and the store under the records. The product
// itself is the same with a fault and without. Each life of the server gets one of its own.
class PlantedFault {
 public:
  using Send = std::function<void(const engine::NodeCommand&)>;
  using Post = std::function<void(engine::NodeEvent)>;

  virtual ~PlantedFault() = default;

  virtual std::unique_ptr<storage::KeyValueStore> Wrap(std::unique_ptr<storage::KeyValueStore> kv) {
    return kv;
  }
  // Null: as it is. `store` outlives what is given.
  virtual std::unique_ptr<engine::RoundCommitter> Wrap(engine::RoundCommitter* /*store*/) {
    return nullptr;
  }
  virtual void Change(engine::EngineConfig* /*config*/) {}
  // On its way to a node.
  virtual void OnCommand(const engine::NodeCommand& command, const Send& send) { send(command); }
  // On its way to the loop.
  virtual void OnFact(engine::NodeEvent event, const Send& /*send*/, const Post& post) {
    post(std::move(event));
  }
};

struct PlantedFaultKind {
  const char* name;
  const char* what;
  std::unique_ptr<PlantedFault> (*make)();
};

// All of them.
const std::vector<PlantedFaultKind>& PlantedFaults();
// Null: there is none of that name.
const PlantedFaultKind* FindPlantedFault(absl::string_view name);

}  // namespace outdial::simulation
