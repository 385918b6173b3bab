#include <algorithm>
#include <iterator>

#include "server/run_loop.h"

namespace outdial::server {
namespace {

bool IsSlice(const engine::ClientAction& action) {
  return std::holds_alternative<engine::ImportSlice>(action.action);
}

}  // namespace

bool Inbox::PostAction(engine::ClientAction action) {
  absl::MutexLock lock(&mutex_);
  if (waiting_actions_ >= kMaxWaitingActions) return false;
  ++waiting_actions_;
  (IsSlice(action) ? slices_ : inputs_).push_back(std::move(action));
  return true;
}

void Inbox::Post(engine::Input input) {
  absl::MutexLock lock(&mutex_);
  inputs_.push_back(std::move(input));
}

void Inbox::Post(std::vector<engine::NodeEvent> events) {
  absl::MutexLock lock(&mutex_);
  std::move(events.begin(), events.end(), std::back_inserter(inputs_));
}

void Inbox::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

std::vector<engine::Input> Inbox::Take(size_t limit, absl::Duration wait, Turn turn,
                                       size_t max_slices) {
  absl::MutexLock lock(&mutex_);
  // A wait that is over before it begins still costs a switch of threads.
  if (wait > absl::ZeroDuration()) {
    const auto has_work = [this, max_slices]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return woken_ || !inputs_.empty() || (max_slices > 0 && !slices_.empty());
    };
    mutex_.AwaitWithTimeout(absl::Condition(&has_work), wait);
  }
  woken_ = false;
  const bool takes_slices = !slices_.empty() && (turn == Turn::kSlices || inputs_.empty());
  std::vector<engine::Input> taken =
      takes_slices ? TakeFront(max_slices, &slices_) : TakeFront(limit, &inputs_);
  waiting_actions_ -=
      static_cast<size_t>(std::count_if(taken.begin(), taken.end(), [](const engine::Input& input) {
        return std::holds_alternative<engine::ClientAction>(input);
      }));
  return taken;
}

std::vector<engine::Input> Inbox::TakeFront(size_t limit, std::deque<engine::Input>* from) {
  const auto end = from->begin() + static_cast<std::ptrdiff_t>(std::min(limit, from->size()));
  std::vector<engine::Input> taken(std::make_move_iterator(from->begin()),
                                   std::make_move_iterator(end));
  from->erase(from->begin(), end);
  return taken;
}

size_t Inbox::size() const {
  absl::MutexLock lock(&mutex_);
  return inputs_.size() + slices_.size();
}

}  // namespace outdial::server
