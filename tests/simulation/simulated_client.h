// A client of a simulated world: asks, and asks again when the server died before it answered.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/action.h"
#include "engine/now.h"
#include "storage/record_store.h"
#include "tests/simulation/violations.h"
#include "tests/simulation/virtual_clock.h"

namespace outdial::simulation {

// Keeps what was answered, so that a crash can be asked whether the answers were true. One thread.
class SimulatedClient {
 public:
  using Then = std::function<void(const absl::StatusOr<engine::ActionResult>&)>;
  using Post = std::function<void(engine::ClientAction)>;

  SimulatedClient(const VirtualClock* clock, Violations* violations, Post post)
      : clock_(clock), violations_(violations), post_(std::move(post)) {}

  // `then` gets the answer, once. Creates should carry a request_id: all actions may be repeated.
  void Ask(engine::Action action, Then then);

  // From the world
  void OnReply(engine::Reply reply);
  void OnServerLost();
  void OnServerBack();
  // Answers that are not there after a crash were given too early.
  void CheckAnswers(storage::StoreReader& store) const;

  engine::MonotonicTime NextDue() const;
  void Advance();

  size_t waiting() const { return waiting_.size(); }

 private:
  struct Question {
    engine::Action action;
    Then then;
    engine::MonotonicTime ask_at = absl::InfiniteDuration();  // infinite: it was asked
  };
  // The youngest answer about a record.
  struct Answer {
    enum class Kind { kCampaign, kPlan, kDlma, kDestination, kDl };
    Kind kind;
    uint64_t revision = 0;
    bool deleted = false;
  };

  void Note(const engine::ActionResult& result);

  const VirtualClock* clock_;
  Violations* violations_;
  Post post_;
  bool server_up_ = true;
  engine::Ticket last_ticket_ = 0;
  std::map<engine::Ticket, Question> waiting_;
  std::map<std::string, Answer> answers_;  // by uuid
  // Entries that were asked to be deleted: the answer may be lost, and the deed done.
  std::set<std::string> deleting_;
};

}  // namespace outdial::simulation
