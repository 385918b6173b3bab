// The engine: every rule of Outdial as one deterministic step machine without I/O.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/action.h"
#include "engine/engine_config.h"
#include "engine/node_command.h"
#include "engine/node_event.h"
#include "engine/now.h"
#include "engine/ports.h"
#include "outdial/v1/campaign.pb.h"
#include "outdial/v1/node.pb.h"

namespace outdial::engine {

// Time went by: what is due is done. The run loop sends it when NextWakeup is reached.
struct Tick {};
// Decide nothing new from here on; calls in progress go on and are still followed.
struct StopDialing {};

using Input = std::variant<ClientAction, NodeEvent, Tick, StopDialing>;

// A fact for the log, written by the run loop: `name key=value ...`.
struct LogLine {
  enum class Level { kDebug, kInfo, kWarning, kError };
  Level level = Level::kInfo;
  std::string name;  // "dialing_ended"
  std::vector<std::pair<std::string, std::string>> fields;
};

// Why a campaign does not dial right now, or what it waits for before it is stopped or paused;
// published for Show, kept nowhere.
struct CampaignWait {
  CampaignUuid campaign;
  v1::WaitReason reason = v1::WAIT_REASON_NONE;
  std::string detail;
};

// What the steps of one round ask for. Nothing of it leaves the process before the round's
// changes are durable; when the commit fails it is thrown away.
struct Output {
  std::vector<NodeCommand> commands;
  std::vector<Reply> replies;
  std::vector<LogLine> log;
  std::vector<CampaignWait> waits;  // only what changed
  std::vector<v1::Node> nodes;      // only what changed; host and port are left empty
};

// Belongs to one thread. The store that a call is given must be the same store, in the same
// state, that the calls before it left: after a failed commit the engine is thrown away and a new
// one is loaded. Every error status that a call returns means: this round must not be committed.
class DialEngine {
 public:
  // `zones` must outlive the engine.
  DialEngine(EngineConfig config, ZoneLookup* zones);
  ~DialEngine();

  // Reads what it needs of the store: once, before the first Step. Dialings that were in progress
  // are taken over as pending until their node tells what became of them.
  absl::Status Load(RoundStore& store, const Now& now, Output* out);

  // Applies one input at `now`: changes go to `store`, everything else to `out`, appended. The
  // same state, inputs and times give the same results.
  absl::Status Step(const Input& input, const Now& now, RoundStore& store, Output* out);

  // When Step(Tick) is next due without any input; absl::InfiniteDuration() if never. May be in
  // the past: at once.
  MonotonicTime NextWakeup() const;

  // The commands that Steps asked for until some moment were handed to the nodes at `now`. To be
  // told of all, in their order.
  void OnSent(const std::vector<NodeCommand>& commands, MonotonicTime now);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outdial::engine
