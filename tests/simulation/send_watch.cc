#include "tests/simulation/send_watch.h"

#include <algorithm>

namespace outdial::simulation {

namespace {

// That a connection was lost is known this much later.
constexpr absl::Duration kNews = absl::Milliseconds(100);
// A node of which nothing is heard for 5 s gets no more.
constexpr absl::Duration kSlowNode = absl::Milliseconds(5100);

}  // namespace

void SendWatch::DropHeard(Sent* sent) const {
  const auto heard = std::find_if(sent->rbegin(), sent->rend(), [this](const auto& each) {
    return calls_->calls().contains(each.second) || fold_->HasEnded(each.second);
  });
  sent->erase(sent->begin(), heard.base());
}

void SendWatch::OnOriginate(const SimulatedNode& node, const std::string& dialing,
                            engine::MonotonicTime engine_since) {
  const engine::MonotonicTime now = clock_->now().mono;
  if (node.last_in_sight() + kNews < now) {
    violations_->Add("dialing ", dialing, " goes to ", node.name(), ", which is out of sight");
  }
  Sent& sent = sent_[node.name()];
  DropHeard(&sent);
  // What an engine before this one ordered, or on another connection, is no sign of this one.
  const engine::MonotonicTime since =
      std::max(engine_since, node.in_sight_since().value_or(absl::InfiniteDuration()));
  while (!sent.empty() && sent.front().first < since) sent.pop_front();
  if (!sent.empty() && sent.front().first + kSlowNode < now) {
    violations_->Add("dialing ", dialing, " goes to ", node.name(),
                     ", which has done nothing of what it was told for ",
                     absl::FormatDuration(now - sent.front().first));
  }
  sent.emplace_back(now, dialing);
}

}  // namespace outdial::simulation
