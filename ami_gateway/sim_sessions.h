// The AMI sessions of the simulated Asterisk, and what goes out to them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/sim_config.h"
#include "ami_gateway/sim_faults.h"
#include "ami_gateway/sim_filter.h"
#include "ami_gateway/sim_random.h"
#include "ami_gateway/sim_schedule.h"
#include "engine/now.h"

namespace outdial::ami {

using SimSessionId = uint64_t;

// What the model wants done, in this order.
struct SimOutput {
  enum class Kind {
    kBanner,   // send the greeting line
    kMessage,  // send `message`
    kClose,    // end the connection in the way of `close`
    kStopListening,
    kListen,  // take new connections again
  };
  Kind kind = Kind::kMessage;
  SimSessionId session = 0;
  // Shared: one event goes to many sessions and is never changed.
  std::shared_ptr<const AmiMessage> message = nullptr;
  SimClose close = SimClose::kFin;
};

struct SimSession {
  SimSessionId id = 0;
  const SimUser* user = nullptr;           // null: not logged in
  AmiClasses event_mask = kAmiAllClasses;  // of those that the user may read
  std::string challenge;
  SimFilterSet filters;
  bool login_pending = false;  // a refused login is about to be answered
  // An event that waits to be overtaken by the next one.
  std::shared_ptr<const AmiMessage> held;
  uint64_t held_number = 0;

  bool Reads(AmiClasses event_class) const {
    return user != nullptr && (user->read & event_mask & event_class) != 0;
  }
};

// One thread; no I/O.
class SimSessions {
 public:
  // `schedule` and `now` outlive it.
  SimSessions(uint64_t seed, SimSchedule* schedule, const engine::Now* now)
      : schedule_(schedule), now_(now), random_(seed) {}

  void Open(SimSessionId id);
  // The peer has gone: nothing more is sent.
  void Forget(SimSessionId id) { sessions_.erase(id); }
  // Null: gone.
  SimSession* Find(SimSessionId id);
  size_t unauthenticated() const;

  void set_faults(const SimFaults& faults) { faults_ = faults; }
  const SimFaults& faults() const { return faults_; }

  // Answers and list items: sent as they are.
  void Send(SimSessionId id, AmiMessage message);
  // False: no session would get an event of this class, so that none need be made.
  bool AnyReads(AmiClasses event_class) const;
  // To each session that reads the class and whose filters let it pass, faults applied.
  void Publish(AmiClasses event_class, AmiMessage event);

  void Close(SimSessionId id, SimClose how);
  void CloseAll(SimClose how);
  // All but those of spared users.
  void Drop(SimClose how);
  void SetListening(bool listening);

  std::vector<SimOutput> TakeOutputs();

 private:
  using Shared = std::shared_ptr<const AmiMessage>;

  void Deliver(SimSession& session, const Shared& event);
  void Emit(SimSession& session, const Shared& event);
  void Hold(SimSession& session, const Shared& event);

  SimSchedule* schedule_;
  const engine::Now* now_;
  SimRandom random_;
  SimFaults faults_;
  std::map<SimSessionId, SimSession> sessions_;
  std::vector<SimOutput> outputs_;
  uint64_t next_held_ = 1;
};

}  // namespace outdial::ami
