// A client of a simulated world: asks, and asks again when the server died before it answered, or
// when it is not sure.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ami_gateway/sim_random.h"
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

  // From now on some creates are asked twice, with the same request_id.
  void RepeatCreates(uint64_t seed) { repeats_ = ami::SimRandom::For(seed, "repeats", 0); }

  // `then` gets the answer, once. Creates should carry a request_id: all actions may be repeated.
  void Ask(engine::Action action, Then then);

  // From the world
  // `store` is what is durable when the reply comes.
  void OnReply(engine::Reply reply, storage::StoreReader& store);
  void OnServerLost();
  void OnServerBack();
  // Answers that are not there after a crash were given too early.
  void CheckAnswers(storage::StoreReader& store) const;

  engine::MonotonicTime NextDue() const;
  void Advance();

  // Questions that nobody has answered yet.
  size_t waiting() const;

 private:
  struct Question {
    engine::Action action;
    Then then;
    engine::MonotonicTime ask_at = absl::InfiniteDuration();  // infinite: it was asked
    bool again = false;                                       // the second of two that are the same
  };
  // The youngest answer about a record.
  struct Answer {
    enum class Kind { kCampaign, kPlan, kDlma, kDestination, kDl };
    Kind kind;
    uint64_t revision = 0;
    bool deleted = false;
  };

  void AskAt(engine::MonotonicTime at, engine::Action action, Then then, bool again = false);
  // What must be answered twice in the same words.
  Then MustEqual(std::shared_ptr<std::optional<std::string>> first, Then then);
  // The record that a reply was about; absent: an import.
  std::optional<std::string> Note(const engine::ActionResult& result);
  void CheckAnswer(const std::string& uuid, storage::StoreReader& store,
                   absl::string_view problem) const;

  const VirtualClock* clock_;
  Violations* violations_;
  Post post_;
  std::optional<ami::SimRandom> repeats_;
  bool server_up_ = true;
  engine::Ticket last_ticket_ = 0;
  std::map<engine::Ticket, Question> waiting_;
  std::map<std::string, Answer> answers_;  // by uuid
  // Entries that were asked to be deleted: the answer may be lost, and the deed done.
  std::set<std::string> deleting_;
  // Lists likewise, with their entries.
  std::set<engine::ListNumber> deleting_lists_;
};

}  // namespace outdial::simulation
