#include "tests/bench/dialler.h"

#include <chrono>

namespace outdial::bench {

void Dialler::BusyNode::Send(const engine::NodeCommand& command) {
  const auto* originate = std::get_if<engine::Originate>(&command.command);
  if (originate == nullptr) return;
  ++originates_;
  const engine::DialingUuid& dialing = originate->dialing;
  world_->Tell(engine::ChannelCreated{dialing, "PJSIP/gw-1"});
  world_->Tell(engine::OriginateResponse{dialing, false, 0, ""});
  world_->Tell(engine::ChannelHungUp{dialing, 17, "User busy", 486});
}

Dialler::Dialler(const std::string& directory, const BenchWorld::Wrap& wrap)
    : world_(directory, kCallsAtOnce, &node_) {
  node_.set_world(&world_);
  world_.Start(wrap);
  // The calls of the second before a start are not known: none is placed in the first one.
  world_.clock().Advance(absl::Seconds(2));
}

double Dialler::Decide(int decisions) {
  std::vector<double> round_seconds;
  return Decide(decisions, &round_seconds);
}

double Dialler::Decide(int decisions, std::vector<double>* round_seconds) {
  const int until = node_.originates() + decisions;
  double seconds = 0;
  while (node_.originates() < until) {
    // Some 3,000 calls a second of this clock, so that a list of 10,000 entries is not at its end
    // before those that were dialled first may be dialled again.
    world_.clock().Advance(absl::Milliseconds(5));
    const auto begin = std::chrono::steady_clock::now();
    world_.Round();
    round_seconds->push_back(SecondsSince(begin));
    seconds += round_seconds->back();
  }
  return seconds;
}

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace outdial::bench
