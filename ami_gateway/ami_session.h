// One connection to an Asterisk's manager interface, as a step machine.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_action_tracker.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/login_rights.h"
#include "ami_gateway/parking_lots.h"
#include "engine/moment.h"
#include "engine/node_command.h"
#include "engine/node_event.h"
#include "engine/now.h"
#include "engine/uuid.h"

namespace outdial::ami {

struct AmiSessionOptions {
  std::string username;
  std::string secret;
  bool plain_login = false;  // false: MD5 challenge
  absl::Duration answer_timeout = absl::Seconds(10);
  absl::Duration ping_interval = absl::Seconds(15);
  // How long FullyBooted is awaited before it is taken as one that this login may not see.
  absl::Duration fully_booted_wait = absl::Seconds(3);
};

// Bytes for the socket, in order.
struct AmiWrite {
  std::string bytes;
  std::optional<engine::DialingUuid> originate;  // set: it is the Originate of this dialing
};

// A fact, and where it came as an event, when that happened: by the times that the session is
// given.
struct AmiFact {
  engine::NodeFact fact;
  std::optional<engine::Moment> happened = std::nullopt;
};

struct AmiLogFact {
  std::string level;  // "debug", "info", "warning", "error"
  std::string name;
  std::vector<std::pair<std::string, std::string>> fields;
};

// Why a connection must be closed.
struct AmiSessionEnd {
  std::string reason;
  bool refused = false;  // credentials or permission: an operator must act
};

// What a step asks for.
struct AmiSessionOutput {
  std::vector<AmiWrite> writes;
  std::vector<AmiFact> facts;
  std::vector<AmiLogFact> log;
  std::optional<AmiSessionEnd> end;  // set: close, and step no more
};

// From the banner on: logs in, finds out what the login may do, has the events filtered, tells the
// node's state, then follows its events and carries out commands, pinging along the way. It says
// what to write and never reads, writes or waits itself. Belongs to one thread.
//
// An event may be read long after it happened. It happened after the last action had been sent that
// was answered before it came; a node that doesn't stamp its events is pinged every kFreshFor, so
// that this says enough.
//
//   banner -> login -> FullyBooted, or its absence -> rights (ListCommands) -> preparation
//   (filters, version, read classes) -> NodeConnected -> lists of the state -> NodeSynced -> ready
class AmiSession {
 public:
  // The connection was made at `now`.
  AmiSession(AmiSessionOptions options, const engine::Now& now);

  // A frame came in. What is no answer and no event is ignored, and logged once.
  void OnFrame(const AmiFrame& frame, const engine::Now& now, AmiSessionOutput* out);

  // NextDeadline has come, or not yet: then nothing happens.
  void OnTimer(const engine::Now& now, AmiSessionOutput* out);

  // An Originate is answered by OriginateUnsent at once while the node's state is not told in
  // full; a Hangup is dropped then, since the engine asks again for what is still up, and so is
  // ListChannels, since the channels are being listed.
  void OnCommand(const engine::NodeCommand& command, const engine::Now& now, AmiSessionOutput* out);

  // When OnTimer is next due.
  engine::MonotonicTime NextDeadline() const;

  // Between NodeSynced and the end.
  bool ready() const { return phase_ == Phase::kReady; }
  // NodeConnected was told.
  bool connected() const { return phase_ == Phase::kListing || phase_ == Phase::kReady; }

  // Why the peer, rather than this side, closed the connection.
  std::string PeerCloseReason() const;

 private:
  enum class Phase { kBanner, kLogin, kBooting, kRights, kPreparing, kListing, kReady };
  enum class Purpose {
    kChallenge,
    kLogin,
    kListCommands,
    kFilter,
    kVersion,
    kReadClasses,
    kChannelDriver,
    kStateList,    // of the whole state, before NodeSynced
    kChannelList,  // of a ListChannels command
    kPing,
    kOriginate,
    kHangup,
  };
  using Tracker = AmiActionTracker<Purpose>;

  // While nothing stalls, the moments of events of a node without stamps are known to this.
  static constexpr absl::Duration kFreshFor = absl::Milliseconds(500);
  // Facts that came before NodeConnected could be told.
  static constexpr size_t kMaxHeldFacts = 10000;

  void OnBanner(const AmiFrame& frame, const engine::Now& now, AmiSessionOutput* out);
  void OnEvent(const AmiMessage& event, const engine::Now& now, AmiSessionOutput* out);
  void OnFullyBooted(const AmiMessage& event, const engine::Now& now, AmiSessionOutput* out);
  // What `event`, which came now, tells of when it happened.
  engine::Moment MomentOf(const AmiMessage& event, const engine::Now& now) const;
  // Pings more often from the first event on that should have been stamped and is not.
  void NoteStamp(const AmiMessage& event, const engine::Now& now);
  void OnParking(const AmiMessage& event, AmiSessionOutput* out);
  void OnAnswer(const Tracker::Answer& answer, const AmiMessage& message, const engine::Now& now,
                AmiSessionOutput* out);
  void OnLoginAnswer(const Tracker::Answer& answer, const AmiMessage& response,
                     const engine::Now& now, AmiSessionOutput* out);
  void OnPreparationAnswer(const Tracker::Answer& answer, const AmiMessage& response,
                           const engine::Now& now, AmiSessionOutput* out);
  void OnListAnswer(const Tracker::Answer& answer, const AmiMessage& message,
                    AmiSessionOutput* out);
  void OnOriginateAnswer(const Tracker::Answer& answer, const AmiMessage& response,
                         AmiSessionOutput* out);

  void Login(const AmiMessage& challenge, const engine::Now& now, AmiSessionOutput* out);
  void AskRights(const engine::Now& now, AmiSessionOutput* out);
  void Prepare(const engine::Now& now, AmiSessionOutput* out);
  void FinishPreparation(const engine::Now& now, AmiSessionOutput* out);
  void TellState(const engine::Now& now, AmiSessionOutput* out);
  engine::NodeConnected Connected() const;

  void Originate(const engine::Originate& originate, const engine::Now& now, AmiSessionOutput* out);
  void Hangup(const engine::Hangup& hangup, const engine::Now& now, AmiSessionOutput* out);

  // Sends `action` under an ActionID of its own, which is returned.
  std::string Send(AmiMessage action, Purpose purpose, const engine::Now& now,
                   AmiSessionOutput* out);
  void Emit(AmiFact fact, AmiSessionOutput* out);
  void End(std::string reason, bool refused, AmiSessionOutput* out);

  const AmiSessionOptions options_;
  Phase phase_ = Phase::kBanner;
  Tracker actions_;
  uint64_t last_action_number_ = 0;
  engine::MonotonicTime phase_deadline_;  // of kBanner and kBooting
  absl::Duration ping_interval_;
  engine::MonotonicTime next_ping_ = absl::InfiniteDuration();
  // When the last action was sent that is answered; before any, when the connection was made.
  engine::MonotonicTime answered_up_to_;

  LoginRights rights_;
  std::optional<absl::Time> boot_time_;
  std::string version_;
  bool channel_driver_missing_ = false;
  int preparations_ = 0;  // preparing actions that are not answered
  int filters_refused_ = 0;

  std::vector<AmiFact> held_facts_;
  std::set<std::string> state_lists_;  // ActionIDs of the lists that NodeSynced waits for
  std::string channel_list_;           // of the ListChannels that is to be answered; empty: none
  ParkingLots parking_;
  bool shutdown_seen_ = false;
  bool oddity_logged_ = false;
};

}  // namespace outdial::ami
