#include "engine/dial_engine.h"

#include <algorithm>
#include <utility>

#include "engine/action_handler.h"
#include "engine/agent_tracker.h"
#include "engine/campaign_controller.h"
#include "engine/campaign_run.h"
#include "engine/campaign_turns.h"
#include "engine/cap_limiter.h"
#include "engine/catalog.h"
#include "engine/dial_planner.h"
#include "engine/dialing_tracker.h"
#include "engine/node_registry.h"
#include "engine/record_writer.h"
#include "engine/step_context.h"
#include "engine/trunk_breaker.h"

namespace outdial::engine {

namespace {

// How often the figures of a busy node are published.
constexpr absl::Duration kNodePublishInterval = absl::Seconds(1);

}  // namespace

class DialEngine::Impl {
 public:
  Impl(EngineConfig config, ZoneLookup* zones)
      : config_(std::move(config)),
        nodes_(config_.nodes),
        caps_(config_),
        writer_(&catalog_, config_.seed),
        controller_(&config_, &catalog_, &writer_, &runs_, &nodes_, &agents_, zones),
        tracker_(&catalog_, &writer_, &runs_, &nodes_, &caps_, &breaker_, &controller_, &turns_),
        planner_(&config_, &catalog_, &writer_, &runs_, &nodes_, &agents_, &caps_, &breaker_,
                 &tracker_, &controller_, &turns_),
        actions_(&config_, zones, &catalog_, &writer_, &controller_) {
    controller_.set_call_ender(&tracker_);
  }

  absl::Status Load(RoundStore& store, const Now& now, Output* out) {
    StepContext ctx{now, store, *out};
    OUTDIAL_RETURN_IF_ERROR(catalog_.Load(store));
    OUTDIAL_RETURN_IF_ERROR(writer_.Load(store));
    OUTDIAL_RETURN_IF_ERROR(tracker_.Load(ctx));
    OUTDIAL_RETURN_IF_ERROR(controller_.Load(ctx));
    OUTDIAL_ASSIGN_OR_RETURN(const ListNumber lists, store.MaxListNumber());
    if (lists > 0) caps_.ForgetStarts(now.mono);  // without a list nobody was ever dialled
    for (const auto& [name, node] : nodes_.all()) {
      out->commands.push_back(NodeCommand{name, Resync{}});
      PublishNode(ctx, name);
    }
    next_wakeup_ = now.mono;
    return absl::OkStatus();
  }

  absl::Status Step(const Input& input, const Now& now, RoundStore& store, Output* out) {
    StepContext ctx{now, store, *out};
    agents_.Advance(now.mono);
    OUTDIAL_RETURN_IF_ERROR(std::visit([&](const auto& in) { return Apply(ctx, in); }, input));
    OUTDIAL_RETURN_IF_ERROR(tracker_.OnTime(ctx));
    for (const std::string& queue : agents_.TakeFreedQueues()) tracker_.OpenQueue(queue);
    OUTDIAL_RETURN_IF_ERROR(planner_.Run(ctx));
    PublishNodes(ctx);
    next_wakeup_ = std::min(
        {tracker_.NextDeadline(), planner_.NextWakeup(), agents_.NextWrapupEnd(), next_publish_});
    return absl::OkStatus();
  }

  MonotonicTime NextWakeup() const { return next_wakeup_; }

  void OnSent(const std::vector<NodeCommand>& commands, MonotonicTime now) {
    const auto calls =
        std::count_if(commands.begin(), commands.end(), [](const NodeCommand& command) {
          return std::holds_alternative<Originate>(command.command);
        });
    caps_.Sent(static_cast<size_t>(calls), now);
    if (!caps_.TakeSendingAwaited()) return;
    turns_.Open(Obstacle::Kind::kSending, "");
    next_wakeup_ = now;
  }

 private:
  absl::Status Apply(StepContext& ctx, const ClientAction& action) {
    return actions_.Handle(ctx, action);
  }
  absl::Status Apply(StepContext& ctx, const NodeEvent& event) {
    if (event.came.has_value()) return tracker_.OnNodeEvent(ctx, event);
    agents_.Apply(event, ctx.now);
    changed_nodes_.insert(event.node);
    // What others wait for must be published at once, the rest in turn.
    if (std::holds_alternative<NodeConnected>(event.fact) ||
        std::holds_alternative<NodeSynced>(event.fact) ||
        std::holds_alternative<NodeDisconnected>(event.fact)) {
      next_publish_ = ctx.now.mono;
      planner_.LookAgain();
    }
    return tracker_.OnNodeEvent(ctx, event);
  }
  absl::Status Apply(StepContext&, const Tick&) { return absl::OkStatus(); }
  absl::Status Apply(StepContext&, const StopDialing&) {
    planner_.Stop();
    return absl::OkStatus();
  }

  void PublishNode(StepContext& ctx, const std::string& name) {
    const NodeState* node = nodes_.Find(name);
    if (node == nullptr) return;
    published_calls_[name] = node->dialings.size();
    v1::Node record = NodeRegistry::ToRecord(name, *node, ctx.now.mono);
    for (v1::NodeQueue& queue : agents_.Show(name)) {
      *record.add_queues() = std::move(queue);
    }
    ctx.out.nodes.push_back(std::move(record));
  }

  // A node's calls come and go, and one that keeps silent grows late, without a word of it.
  void NoteChangedNodes() {
    for (const auto& [name, node] : nodes_.all()) {
      const bool counts_differ = node.dialings.size() != published_calls_[name];
      if (counts_differ || !node.unheard.empty()) changed_nodes_.insert(name);
    }
  }

  void PublishNodes(StepContext& ctx) {
    NoteChangedNodes();
    if (ctx.now.mono >= next_publish_) {
      for (const std::string& name : changed_nodes_) PublishNode(ctx, name);
      changed_nodes_.clear();
      next_publish_ = absl::InfiniteDuration();
      NoteChangedNodes();  // those that may be late by the next time
    }
    if (changed_nodes_.empty()) return;
    next_publish_ = std::min(next_publish_, ctx.now.mono + kNodePublishInterval);
  }

  const EngineConfig config_;
  Catalog catalog_;
  CampaignRuns runs_;
  CampaignTurns turns_;
  NodeRegistry nodes_;
  AgentTracker agents_;
  CapLimiter caps_;
  TrunkBreaker breaker_;
  RecordWriter writer_;
  CampaignController controller_;
  DialingTracker tracker_;
  DialPlanner planner_;
  ActionHandler actions_;
  std::set<std::string> changed_nodes_;
  std::map<std::string, size_t> published_calls_;  // by node
  MonotonicTime next_publish_ = absl::InfiniteDuration();
  MonotonicTime next_wakeup_ = -absl::InfiniteDuration();
};

DialEngine::DialEngine(EngineConfig config, ZoneLookup* zones)
    : impl_(std::make_unique<Impl>(std::move(config), zones)) {}
DialEngine::~DialEngine() = default;

absl::Status DialEngine::Load(RoundStore& store, const Now& now, Output* out) {
  return impl_->Load(store, now, out);
}

absl::Status DialEngine::Step(const Input& input, const Now& now, RoundStore& store, Output* out) {
  return impl_->Step(input, now, store, out);
}

MonotonicTime DialEngine::NextWakeup() const { return impl_->NextWakeup(); }

void DialEngine::OnSent(const std::vector<NodeCommand>& commands, MonotonicTime now) {
  impl_->OnSent(commands, now);
}

}  // namespace outdial::engine
