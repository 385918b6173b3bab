#include "ami_gateway/ami_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/dial_action.h"
#include "ami_gateway/md5_login.h"
#include "ami_gateway/needed_events.h"
#include "ami_gateway/node_event_translator.h"
#include "engine/check.h"

namespace outdial::ami {
namespace {

constexpr absl::string_view kBannerStart = "Asterisk Call Manager/";

// What Asterisk answers to a login while it stops: nothing is wrong with the login.
constexpr absl::string_view kShuttingDown = "Asterisk is shutting down";

// With `timestampevents = yes` in manager.conf: seconds since 1970, with six digits of fraction.
constexpr absl::string_view kStampHeader = "Timestamp";

std::optional<absl::Time> StampOf(const AmiMessage& event) {
  double seconds = 0;
  if (!absl::SimpleAtod(event.Get(kStampHeader), &seconds)) return std::nullopt;
  return absl::UnixEpoch() + absl::Seconds(seconds);
}

}  // namespace

AmiSession::AmiSession(AmiSessionOptions options, const engine::Now& now)
    : options_(std::move(options)),
      actions_(options_.answer_timeout),
      phase_deadline_(now.mono + options_.answer_timeout),
      ping_interval_(options_.ping_interval),
      answered_up_to_(now.mono) {}

// ---- Inputs

void AmiSession::OnFrame(const AmiFrame& frame, const engine::Now& now, AmiSessionOutput* out) {
  if (frame.kind == AmiFrame::Kind::kBanner) return OnBanner(frame, now, out);
  const bool event = frame.message.is_event();
  const bool odd =
      frame.fault != AmiFrame::Fault::kNone || (!event && !frame.message.is_response());
  if (odd && !oddity_logged_) {
    oddity_logged_ = true;
    out->log.push_back(
        {"warning", "ami_message_odd", {{"event", std::string(frame.message.Get("Event"))}}});
  }
  if (event) OnEvent(frame.message, now, out);
  if (out->end.has_value()) return;
  const std::optional<Tracker::Answer> answer = actions_.Match(frame.message, now.mono);
  if (!answer.has_value()) return;
  if (answer->is_response) answered_up_to_ = std::max(answered_up_to_, answer->sent);
  OnAnswer(*answer, frame.message, now, out);
}

void AmiSession::OnTimer(const engine::Now& now, AmiSessionOutput* out) {
  if (const std::optional<std::string> overdue = actions_.Overdue(now.mono)) {
    return End(absl::StrCat("no answer within ", absl::FormatDuration(options_.answer_timeout)),
               false, out);
  }
  if (phase_ == Phase::kBanner && phase_deadline_ <= now.mono) {
    return End("no banner: nobody speaks AMI at this address", false, out);
  }
  if (phase_ == Phase::kBooting && phase_deadline_ <= now.mono) AskRights(now, out);
  if (next_ping_ <= now.mono) {
    next_ping_ = now.mono + ping_interval_;
    Send({{"Action", "Ping"}}, Purpose::kPing, now, out);
  }
}

engine::MonotonicTime AmiSession::NextDeadline() const {
  engine::MonotonicTime next = std::min(actions_.NextDeadline(), next_ping_);
  if (phase_ == Phase::kBanner || phase_ == Phase::kBooting) {
    next = std::min(next, phase_deadline_);
  }
  return next;
}

void AmiSession::OnCommand(const engine::NodeCommand& command, const engine::Now& now,
                           AmiSessionOutput* out) {
  if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
    return Originate(*originate, now, out);
  }
  if (!connected()) return;
  if (const auto* hangup = std::get_if<engine::Hangup>(&command.command)) {
    Hangup(*hangup, now, out);
  } else if (std::holds_alternative<engine::ListChannels>(command.command)) {
    if (!ready()) return;
    channel_list_ = Send({{"Action", "CoreShowChannels"}}, Purpose::kChannelList, now, out);
  } else {
    TellState(now, out);
  }
}

std::string AmiSession::PeerCloseReason() const {
  if (shutdown_seen_) return std::string(kShuttingDown);
  if (phase_ == Phase::kBanner) return "the node closed the connection before its banner";
  return "the node closed the connection";
}

// ---- Logging in

void AmiSession::OnBanner(const AmiFrame& frame, const engine::Now& now, AmiSessionOutput* out) {
  if (!absl::StartsWith(frame.banner, kBannerStart)) {
    return End("no AMI banner: the address is not a manager interface", false, out);
  }
  phase_ = Phase::kLogin;
  if (options_.plain_login) return Login({}, now, out);
  Send({{"Action", "Challenge"}, {"AuthType", "MD5"}}, Purpose::kChallenge, now, out);
}

void AmiSession::Login(const AmiMessage& challenge, const engine::Now& now, AmiSessionOutput* out) {
  AmiMessage login{{"Action", "Login"}, {"Username", options_.username}};
  if (options_.plain_login) {
    login.Add("Secret", options_.secret);
  } else {
    const absl::StatusOr<std::string> key =
        ChallengeKey(challenge.Get("Challenge"), options_.secret);
    if (!key.ok()) return End(std::string(key.status().message()), true, out);
    login.Add("AuthType", "MD5");
    login.Add("Key", *key);
  }
  login.Add("Events", kNeededEventClasses);
  Send(std::move(login), Purpose::kLogin, now, out);
}

void AmiSession::OnLoginAnswer(const Tracker::Answer& answer, const AmiMessage& response,
                               const engine::Now& now, AmiSessionOutput* out) {
  if (!answer.success) {
    const absl::string_view message = response.Get("Message");
    const bool shutting_down = absl::StrContains(message, kShuttingDown);
    return End(absl::StrCat("login refused: ", message), !shutting_down, out);
  }
  if (answer.purpose == Purpose::kChallenge) return Login(response, now, out);
  phase_ = Phase::kBooting;
  phase_deadline_ = now.mono + options_.fully_booted_wait;
  next_ping_ = now.mono + ping_interval_;
}

// ---- Rights and preparation

// FullyBooted comes right after the login or, from an Asterisk that is still starting, later:
// until then it takes Originates and fails them all, and lists only some of its commands.
void AmiSession::OnFullyBooted(const AmiMessage& event, const engine::Now& now,
                               AmiSessionOutput* out) {
  if (rights_.Sees("system")) return;
  if (phase_ != Phase::kBooting) {
    return End("the node has only now started in full", false, out);
  }
  rights_.NoteFullyBooted();
  boot_time_ = now.wall - absl::Seconds(event.GetInt("Uptime").value_or(0));
  AskRights(now, out);
}

void AmiSession::AskRights(const engine::Now& now, AmiSessionOutput* out) {
  phase_ = Phase::kRights;
  Send({{"Action", "ListCommands"}}, Purpose::kListCommands, now, out);
}

void AmiSession::Prepare(const engine::Now& now, AmiSessionOutput* out) {
  if (!rights_.May("CoreShowChannels")) {
    // Without it nobody could tell which calls are up after a lost connection.
    return End("the login can't list channels: add `reporting` to `write` in manager.conf", true,
               out);
  }
  phase_ = Phase::kPreparing;
  const auto ask = [&](AmiMessage action, Purpose purpose) {
    if (!rights_.May(action.Get("Action"))) return;
    ++preparations_;
    Send(std::move(action), purpose, now, out);
  };
  for (const absl::string_view event : kNeededEvents) {
    ask({{"Action", "Filter"},
         {"Operation", "Add"},
         {"Filter", ""},
         {"MatchCriteria", absl::StrCat("name(", event, ")")}},
        Purpose::kFilter);
  }
  ask({{"Action", "CoreSettings"}}, Purpose::kVersion);
  ask({{"Action", "GetConfig"}, {"Filename", "manager.conf"}, {"Category", options_.username}},
      Purpose::kReadClasses);
  ask({{"Action", "ModuleCheck"}, {"Module", "chan_pjsip"}}, Purpose::kChannelDriver);
  if (preparations_ == 0) FinishPreparation(now, out);
}

void AmiSession::OnPreparationAnswer(const Tracker::Answer& answer, const AmiMessage& response,
                                     const engine::Now& now, AmiSessionOutput* out) {
  switch (answer.purpose) {
    case Purpose::kFilter:
      if (!answer.success) ++filters_refused_;
      break;
    case Purpose::kVersion:
      version_ = std::string(response.Get("AsteriskVersion"));
      break;
    case Purpose::kReadClasses:
      if (answer.success) rights_.NoteConfig(response);
      break;
    default:
      channel_driver_missing_ = !answer.success;
      break;
  }
  if (--preparations_ == 0) FinishPreparation(now, out);
}

void AmiSession::FinishPreparation(const engine::Now& now, AmiSessionOutput* out) {
  const int filters = static_cast<int>(std::size(kNeededEvents));
  if (filters_refused_ > 0 && filters_refused_ < filters) {
    // The first filter that is set hides everything that no filter names.
    return End("the node took some event filters and refused others", false, out);
  }
  if (!rights_.May("Filter") || filters_refused_ == filters) {
    out->log.push_back({"info", "node_events_unfiltered", {}});
  }
  TellState(now, out);
  for (AmiFact& fact : std::exchange(held_facts_, {})) {
    out->facts.push_back(std::move(fact));
  }
}

// ---- The node's state

engine::NodeConnected AmiSession::Connected() const {
  engine::NodeConnected connected;
  connected.boot_time = boot_time_;
  connected.version = version_;
  connected.problems = rights_.Problems();
  if (channel_driver_missing_) {
    connected.problems.push_back("chan_pjsip is not loaded: PJSIP calls fail on this node");
  }
  connected.may_originate = rights_.may_originate();
  connected.sees_calls = rights_.Sees("call");
  connected.sees_queues = rights_.Sees("agent");
  return connected;
}

void AmiSession::TellState(const engine::Now& now, AmiSessionOutput* out) {
  phase_ = Phase::kListing;
  out->facts.push_back({Connected()});
  parking_ = ParkingLots();
  // Lists of an earlier round may still be on their way: their items are facts like any other,
  // and their ends are no longer waited for.
  state_lists_.clear();
  channel_list_.clear();
  for (const char* list : {"Parkinglots", "ParkedCalls", "QueueStatus", "CoreShowChannels"}) {
    if (!rights_.May(list)) continue;  // its module is not loaded, or its class not granted
    state_lists_.insert(Send({{"Action", list}}, Purpose::kStateList, now, out));
  }
}

void AmiSession::OnListAnswer(const Tracker::Answer& answer, const AmiMessage& message,
                              AmiSessionOutput* out) {
  if (!answer.complete) return;
  if (answer.is_response && !answer.success) {
    // An empty answer would pass for: no channel is up.
    return End(absl::StrCat("the node refused to list its state: ", message.Get("Message")), false,
               out);
  }
  if (answer.purpose == Purpose::kChannelList) {
    if (answer.action_id == channel_list_) Emit({engine::NodeSynced{}}, out);
    return;
  }
  if (state_lists_.erase(answer.action_id) == 0 || !state_lists_.empty()) return;
  for (engine::ParkingSeen& lot : parking_.SeenAll()) Emit({std::move(lot)}, out);
  Emit({engine::NodeSynced{}}, out);
  phase_ = Phase::kReady;
}

// ---- Events and answers

void AmiSession::OnEvent(const AmiMessage& event, const engine::Now& now, AmiSessionOutput* out) {
  const absl::string_view name = event.Get("Event");
  if (name == "FullyBooted") return OnFullyBooted(event, now, out);
  if (name == "Shutdown") shutdown_seen_ = true;
  NoteStamp(event, now);
  OnParking(event, out);
  if (std::optional<engine::NodeFact> fact = TranslateNodeEvent(event)) {
    Emit({*std::move(fact), MomentOf(event, now)}, out);
  }
}

engine::Moment AmiSession::MomentOf(const AmiMessage& event, const engine::Now& now) const {
  return {.latest = now.mono, .earliest = answered_up_to_, .stamp = StampOf(event)};
}

// Asterisk stamps neither FullyBooted nor the items of a list, which have the list's ActionID.
void AmiSession::NoteStamp(const AmiMessage& event, const engine::Now& now) {
  if (!ready() || event.Find(kStampHeader).has_value()) return;
  if (event.Find("ActionID").has_value()) return;
  ping_interval_ = std::min(ping_interval_, kFreshFor);
  next_ping_ = std::min(next_ping_, now.mono + ping_interval_);
}

void AmiSession::OnParking(const AmiMessage& event, AmiSessionOutput* out) {
  std::string lot;
  // While the state is listed the lots are told once, when all of it is there.
  if (parking_.Apply(event, &lot) && phase_ == Phase::kReady) Emit({parking_.Seen(lot)}, out);
}

void AmiSession::OnAnswer(const Tracker::Answer& answer, const AmiMessage& message,
                          const engine::Now& now, AmiSessionOutput* out) {
  switch (answer.purpose) {
    case Purpose::kChallenge:
    case Purpose::kLogin:
      return OnLoginAnswer(answer, message, now, out);
    case Purpose::kListCommands:
      rights_.NoteCommands(message);
      return Prepare(now, out);
    case Purpose::kFilter:
    case Purpose::kVersion:
    case Purpose::kReadClasses:
    case Purpose::kChannelDriver:
      return OnPreparationAnswer(answer, message, now, out);
    case Purpose::kStateList:
    case Purpose::kChannelList:
      return OnListAnswer(answer, message, out);
    case Purpose::kOriginate:
      return OnOriginateAnswer(answer, message, out);
    case Purpose::kPing:
    case Purpose::kHangup:
      return;  // a Hangup's only failure is that the channel is gone, which its Hangup event told
  }
}

void AmiSession::OnOriginateAnswer(const Tracker::Answer& answer, const AmiMessage& response,
                                   AmiSessionOutput* out) {
  const std::optional<engine::DialingUuid> dialing = DialingOfActionId(answer.action_id);
  OUTDIAL_CHECK(dialing.has_value(), "the ActionID was made here");
  if (answer.success) {
    Emit({engine::OriginateAccepted{*dialing}}, out);
  } else {
    Emit({engine::OriginateRefused{*dialing, std::string(response.Get("Message"))}}, out);
  }
}

// ---- Commands

void AmiSession::Originate(const engine::Originate& originate, const engine::Now& now,
                           AmiSessionOutput* out) {
  if (phase_ != Phase::kReady) {
    out->facts.push_back({engine::OriginateUnsent{originate.dialing}});
    return;
  }
  absl::StatusOr<std::string> bytes = EncodeAmiMessage(OriginateAction(originate));
  if (!bytes.ok()) {
    Emit({engine::OriginateRefused{originate.dialing, std::string(bytes.status().message())}}, out);
    return;
  }
  actions_.Add(OriginateActionId(originate.dialing), Purpose::kOriginate, now.mono);
  out->writes.push_back({*std::move(bytes), originate.dialing});
}

void AmiSession::Hangup(const engine::Hangup& hangup, const engine::Now& now,
                        AmiSessionOutput* out) {
  Send(HangupAction(hangup), Purpose::kHangup, now, out);
}

// ---- Outputs

std::string AmiSession::Send(AmiMessage action, Purpose purpose, const engine::Now& now,
                             AmiSessionOutput* out) {
  const std::string action_id = absl::StrCat("outdial-", ++last_action_number_);
  action.Add("ActionID", action_id);
  absl::StatusOr<std::string> bytes = EncodeAmiMessage(action);
  if (!bytes.ok()) {
    // Only the configured user name and secret come from outside.
    End(absl::StrCat("can't be sent: ", bytes.status().message()), true, out);
    return action_id;
  }
  actions_.Add(action_id, purpose, now.mono);
  out->writes.push_back({*std::move(bytes), std::nullopt});
  return action_id;
}

void AmiSession::Emit(AmiFact fact, AmiSessionOutput* out) {
  if (connected()) {
    out->facts.push_back(std::move(fact));
  } else if (held_facts_.size() < kMaxHeldFacts) {
    held_facts_.push_back(std::move(fact));
  } else {
    End("too many events before the login was through", false, out);
  }
}

void AmiSession::End(std::string reason, bool refused, AmiSessionOutput* out) {
  if (!out->end.has_value()) out->end = AmiSessionEnd{std::move(reason), refused};
}

}  // namespace outdial::ami
