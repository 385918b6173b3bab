#include "ami_gateway/asterisk_model.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "ami_gateway/md5_login.h"
#include "ami_gateway/sim_actions.h"

namespace outdial::ami {
namespace {

// As measured on a real one.
constexpr absl::Duration kRefusedLoginDelay = absl::Seconds(1);
constexpr absl::Duration kShutdownTime = absl::Milliseconds(1100);
constexpr absl::Duration kBootTime = absl::Milliseconds(60);  // after the port opens

}  // namespace

AsteriskModel::AsteriskModel(SimAsteriskConfig config, const engine::Now& now)
    : core_(std::move(config)), calls_(&core_) {
  core_.now = core_.booted = now;
}

const std::vector<AsteriskModel::Action>& AsteriskModel::Actions() {
  using M = AsteriskModel;
  constexpr AmiClasses kShow = kAmiSystem | kAmiReporting;
  static const std::vector<Action>* const kActions = new std::vector<Action>{
      {"Challenge", 0, &M::Challenge, "Generate Challenge for MD5 Auth."},
      {"CoreSettings", kShow, &M::CoreSettings, "Show PBX core settings (version etc)."},
      {"CoreShowChannels", kShow, &M::CoreShowChannels, "List currently active channels."},
      {"CoreStatus", kShow, &M::CoreStatus, "Show PBX core status variables."},
      {"Events", 0, &M::Events, "Control Event Flow."},
      {"Filter", kAmiSystem, &M::Filter,
       "Dynamically add filters for the current manager session."},
      {"Getvar", kAmiCall | kAmiReporting, &M::Getvar,
       "Gets a channel variable or function value."},
      {"Hangup", kAmiSystem | kAmiCall, &M::Hangup, "Hangup channel."},
      {"ListCommands", 0, &M::ListCommands, "List available manager commands."},
      {"Login", 0, &M::Login, "Login Manager."},
      {"Logoff", 0, &M::Logoff, "Logoff Manager."},
      {"ModuleCheck", kAmiSystem, &M::ModuleCheck, "Check if module is loaded."},
      {"Originate", kAmiOriginate, &M::Originate, "Originate a call."},
      {"ParkedCalls", kAmiCall, &M::ParkedCalls, "List parked calls."},
      {"Parkinglots", kAmiCall, &M::Parkinglots, "Get a list of parking lots"},
      {"Ping", 0, &M::Ping, "Keepalive command."},
      {"QueuePause", kAmiAgent, &M::QueuePause, "Makes a queue member temporarily unavailable."},
      {"QueueStatus", 0, &M::QueueStatus, "Show queue status."},
      {"QueueSummary", 0, &M::QueueSummary, "Show queue summary."},
      {"Status", kAmiSystem | kAmiCall | kAmiReporting, &M::Status, "List channel status."},
      {"UserEvent", kAmiUser, &M::UserEvent, "Send an arbitrary event."},
  };
  return *kActions;
}

// ---- Inputs

void AsteriskModel::SetNow(const engine::Now& now) {
  Advance(now);
  core_.now = now;
}

void AsteriskModel::Advance(const engine::Now& now) {
  if (now.mono < stalled_until_) {
    core_.now = now;
    return;
  }
  const auto at = [&now](engine::MonotonicTime time) {
    return engine::Now{time, now.wall - (now.mono - time)};
  };
  // What was due while stalled is done late, in its order.
  while (!stalled_.empty()) {
    core_.now = at(std::max(stalled_until_, core_.now.mono));
    const auto [session, frame] = std::move(stalled_.front());
    stalled_.pop_front();
    Handle(session, frame);
  }
  while (core_.schedule.NextDue() <= now.mono) {
    SimSchedule::Item item = core_.schedule.Take();
    core_.now = at(std::max({item.due, stalled_until_, core_.now.mono}));
    item.run();
  }
  core_.now = now;
}

engine::MonotonicTime AsteriskModel::NextWakeup() const {
  if (!stalled_.empty()) return stalled_until_;
  return std::max(core_.schedule.NextDue(), stalled_until_);
}

void AsteriskModel::OpenSession(SimSessionId session, const engine::Now& now) {
  SetNow(now);
  core_.sessions.Open(session);
  if (core_.sessions.unauthenticated() > core_.config.max_unauthenticated) {
    core_.sessions.Close(session, SimClose::kRst);
    return;
  }
  core_.After(core_.config.auth_timeout, [this, session] {
    const SimSession* late = core_.sessions.Find(session);
    if (late != nullptr && late->user == nullptr) core_.sessions.Close(session, SimClose::kFin);
  });
}

void AsteriskModel::CloseSession(SimSessionId session, const engine::Now& now) {
  SetNow(now);
  core_.sessions.Forget(session);
}

void AsteriskModel::Receive(SimSessionId session, const AmiMessage& action,
                            const engine::Now& now) {
  AmiFrame frame;
  frame.message = action;
  Receive(session, frame, now);
}

void AsteriskModel::Receive(SimSessionId session, const AmiFrame& frame, const engine::Now& now) {
  SetNow(now);
  if (Stalled()) {
    stalled_.emplace_back(session, frame);
    return;
  }
  Handle(session, frame);
}

void AsteriskModel::Handle(SimSessionId id, const AmiFrame& frame) {
  SimSession* session = core_.sessions.Find(id);
  if (session == nullptr || session->login_pending) return;
  switch (frame.fault) {
    case AmiFrame::Fault::kNone:
      Dispatch(*session, frame.message);
      return;
    case AmiFrame::Fault::kLineTooLong:
      Fail(*session, frame.message, "Failed to parse message: line too long");
      return;
    case AmiFrame::Fault::kTooManyLines:
    case AmiFrame::Fault::kMessageTooLong:
      Fail(*session, frame.message, "Too many lines in message or allocation failure");
      return;
  }
}

void AsteriskModel::Dispatch(SimSession& session, const AmiMessage& message) {
  const absl::string_view name = message.Get("Action");
  if (name.empty()) {
    Fail(session, message, "Missing action in request");
    return;
  }
  const std::vector<Action>& actions = Actions();
  const auto action = std::find_if(actions.begin(), actions.end(), [&](const Action& candidate) {
    return absl::EqualsIgnoreCase(candidate.name, name);
  });
  const bool without_login =
      action != actions.end() &&
      (action->name == "Login" || action->name == "Challenge" || action->name == "Logoff");
  if (session.user == nullptr && !without_login) {
    Fail(session, message, "Permission denied");
    return;
  }
  if (action == actions.end()) {
    Fail(session, message,
         absl::StrCat("Invalid/unknown command: ", name,
                      ". Use Action: ListCommands to show available commands."));
    return;
  }
  if (action->classes != 0 && (session.user->write & action->classes) == 0) {
    Fail(session, message, "Permission denied");
    return;
  }
  (this->*action->handler)(session, message);
}

// ---- Answers

void AsteriskModel::Respond(SimSessions& sessions, SimSessionId session, const AmiMessage& action,
                            absl::string_view response, std::vector<AmiHeader> rest) {
  AmiMessage message;
  message.Add("Response", response);
  if (const auto id = action.Find("ActionID")) message.Add("ActionID", *id);
  for (const AmiHeader& header : rest) message.Add(header.name, header.value);
  sessions.Send(session, std::move(message));
}

void AsteriskModel::Succeed(const SimSession& session, const AmiMessage& action,
                            absl::string_view message) {
  Respond(core_.sessions, session.id, action, "Success", {{"Message", std::string(message)}});
}

void AsteriskModel::Fail(const SimSession& session, const AmiMessage& action,
                         absl::string_view message) {
  Respond(core_.sessions, session.id, action, "Error", {{"Message", std::string(message)}});
}

void AsteriskModel::SendList(const SimSession& session, const AmiMessage& action,
                             absl::string_view message, absl::string_view complete,
                             std::vector<AmiMessage> items, absl::string_view extra_count,
                             bool id_first) {
  Respond(core_.sessions, session.id, action, "Success",
          {{"EventList", "start"}, {"Message", std::string(message)}});
  const auto id = action.Find("ActionID");
  const std::string count = absl::StrCat(items.size());
  for (const AmiMessage& item : items) {
    AmiMessage sent;
    for (const AmiHeader& header : item.headers()) {
      sent.Add(header.name, header.value);
      if (id_first && id.has_value() && header.name == "Event") sent.Add("ActionID", *id);
    }
    if (!id_first && id.has_value()) sent.Add("ActionID", *id);
    core_.sessions.Send(session.id, std::move(sent));
  }
  AmiMessage end;
  end.Add("Event", complete);
  if (id.has_value()) end.Add("ActionID", *id);
  end.Add("EventList", "Complete");
  end.Add("ListItems", count);
  if (!extra_count.empty()) end.Add(extra_count, count);
  core_.sessions.Send(session.id, std::move(end));
}

// ---- The session

bool AsteriskModel::CredentialsFit(const SimSession& session, const SimUser& user,
                                   const AmiMessage& action) const {
  if (!absl::EqualsIgnoreCase(action.Get("AuthType"), "MD5")) {
    return action.Get("Secret") == user.secret;
  }
  if (session.challenge.empty()) return false;
  const absl::StatusOr<std::string> key = ChallengeKey(session.challenge, user.secret);
  return key.ok() && absl::EqualsIgnoreCase(action.Get("Key"), *key);
}

void AsteriskModel::Login(SimSession& session, const AmiMessage& action) {
  if (session.user != nullptr) {
    Succeed(session, action, "Already authenticated");
    return;
  }
  if (phase_ == Phase::kShuttingDown) {
    RefuseLogin(session, action, "Asterisk is shutting down");
    return;
  }
  for (const SimUser& user : core_.config.users) {
    if (user.name != action.Get("Username") || !CredentialsFit(session, user, action)) continue;
    session.user = &user;
    if (const auto mask = action.Find("Events")) {
      session.event_mask = ParseAmiEventMask(*mask).value_or(kAmiAllClasses);
    }
    Succeed(session, action, "Authentication accepted");
    // Only to those who may read class system: a login without it never hears of the boot.
    if (phase_ == Phase::kUp && session.Reads(kAmiSystem)) SendFullyBooted(session);
    return;
  }
  RefuseLogin(session, action, "Authentication failed");
}

void AsteriskModel::RefuseLogin(SimSession& session, const AmiMessage& action,
                                absl::string_view message) {
  session.login_pending = true;
  const absl::Duration delay =
      phase_ == Phase::kShuttingDown ? absl::ZeroDuration() : kRefusedLoginDelay;
  core_.After(delay, [this, id = session.id, action, text = std::string(message)] {
    const SimSession* refused = core_.sessions.Find(id);
    if (refused == nullptr) return;
    Fail(*refused, action, text);
    core_.sessions.Close(id, SimClose::kFin);
  });
}

void AsteriskModel::SendFullyBooted(const SimSession& session) {
  const std::string uptime = absl::StrCat(absl::ToInt64Seconds(core_.now.mono - core_.booted.mono));
  core_.sessions.Send(session.id, {{"Event", "FullyBooted"},
                                   {"Privilege", "system,all"},
                                   {"Uptime", uptime},
                                   {"LastReload", uptime},
                                   {"Status", "Fully Booted"}});
}

void AsteriskModel::Challenge(SimSession& session, const AmiMessage& action) {
  if (!absl::EqualsIgnoreCase(action.Get("AuthType"), "MD5")) {
    Fail(session, action, "Must specify AuthType");
    return;
  }
  session.challenge = absl::StrCat(100000000 + core_.random.Below(900000000));
  Respond(core_.sessions, session.id, action, "Success", {{"Challenge", session.challenge}});
}

void AsteriskModel::Logoff(SimSession& session, const AmiMessage& action) {
  Respond(core_.sessions, session.id, action, "Goodbye", {{"Message", "Thanks for all the fish."}});
  core_.sessions.Close(session.id, SimClose::kFin);
}

void AsteriskModel::Ping(SimSession& session, const AmiMessage& action) {
  Respond(core_.sessions, session.id, action, "Success",
          {{"Ping", "Pong"}, {"Timestamp", AmiTimestamp(core_.now.wall)}});
}

void AsteriskModel::Events(SimSession& session, const AmiMessage& action) {
  const std::optional<AmiClasses> mask = ParseAmiEventMask(action.Get("EventMask"));
  if (!mask.has_value()) {
    Fail(session, action, "Invalid event mask");
    return;
  }
  session.event_mask = *mask;
  Respond(core_.sessions, session.id, action, "Success", {{"Events", *mask == 0 ? "Off" : "On"}});
}

void AsteriskModel::Filter(SimSession& session, const AmiMessage& action) {
  if (!absl::EqualsIgnoreCase(action.Get("Operation"), "Add")) {
    Fail(session, action, "Unknown operation");
    return;
  }
  const absl::Status added = session.filters.Add(action.Get("MatchCriteria"), action.Get("Filter"));
  if (added.ok()) {
    Succeed(session, action, "Success");
  } else {
    Fail(session, action, added.message());
  }
}

void AsteriskModel::ListCommands(SimSession& session, const AmiMessage& action) {
  std::vector<AmiHeader> commands;
  for (const Action& candidate : Actions()) {
    if (candidate.classes != 0 && (session.user->write & candidate.classes) == 0) continue;
    commands.push_back({std::string(candidate.name),
                        absl::StrCat(candidate.description,
                                     "  (Priv: ", FormatAmiClasses(candidate.classes), ")")});
  }
  Respond(core_.sessions, session.id, action, "Success", std::move(commands));
}

// ---- Asterisk itself

void AsteriskModel::ModuleCheck(SimSession& session, const AmiMessage& action) {
  if (HasSimModule(action.Get("Module"))) {
    Respond(core_.sessions, session.id, action, "Success", {{"Version", ""}});
  } else {
    Fail(session, action, "Module not loaded");
  }
}

void AsteriskModel::CoreStatus(SimSession& session, const AmiMessage& action) {
  const std::string date = absl::FormatTime("%Y-%m-%d", core_.booted.wall, absl::UTCTimeZone());
  const std::string time = absl::FormatTime("%H:%M:%S", core_.booted.wall, absl::UTCTimeZone());
  Respond(core_.sessions, session.id, action, "Success",
          {{"CoreStartupDate", date},
           {"CoreStartupTime", time},
           {"CoreReloadDate", date},
           {"CoreReloadTime", time},
           {"CoreCurrentCalls", absl::StrCat(calls_.up())},
           {"CoreProcessedCalls", absl::StrCat(calls_.processed())}});
}

void AsteriskModel::CoreSettings(SimSession& session, const AmiMessage& action) {
  Respond(core_.sessions, session.id, action, "Success",
          {{"AMIversion", "11.0.0"},
           {"AsteriskVersion", core_.config.version},
           {"SystemName", ""},
           {"CoreMaxCalls", "0"},
           {"CoreMaxLoadAvg", "0.000000"},
           {"CoreRunUser", ""},
           {"CoreRunGroup", ""},
           {"CoreMaxFilehandles", "0"},
           {"CoreRealTimeEnabled", "No"},
           {"CoreCDRenabled", "Yes"},
           {"CoreHTTPenabled", "No"}});
}

// ---- Channels

void AsteriskModel::CoreShowChannels(SimSession& session, const AmiMessage& action) {
  std::vector<AmiMessage> items;
  for (const auto& [key, channel] : core_.channels.all()) {
    items.push_back(DescribeShownChannel(channel, core_.now));
  }
  SendList(session, action, "Channels will follow", "CoreShowChannelsComplete", std::move(items),
           "", /*id_first=*/true);
}

void AsteriskModel::Status(SimSession& session, const AmiMessage& action) {
  const absl::string_view wanted = action.Get("Channel");
  const SimChannel* only = wanted.empty() ? nullptr : core_.channels.FindByText(wanted);
  if (!wanted.empty() && only == nullptr) {
    Fail(session, action, "No such channel");
    return;
  }
  std::vector<AmiMessage> items;
  for (const auto& [key, channel] : core_.channels.all()) {
    if (only != nullptr && only != &channel) continue;
    AmiMessage item = DescribeStatus(channel, core_.now);
    if (!action.Get("Variables").empty()) {
      for (absl::string_view name : absl::StrSplit(action.Get("Variables"), ',')) {
        item.Add("Variable",
                 absl::StrCat(name, "=", calls_.Variable(channel, name).value_or("(null)")));
      }
    }
    items.push_back(std::move(item));
  }
  SendList(session, action, "Channel status will follow", "StatusComplete", std::move(items),
           "Items", /*id_first=*/false);
}

void AsteriskModel::Getvar(SimSession& session, const AmiMessage& action) {
  const SimChannel* channel = core_.channels.FindByText(action.Get("Channel"));
  if (channel == nullptr) {
    Fail(session, action, "No such channel");
    return;
  }
  const absl::string_view name = action.Get("Variable");
  Respond(
      core_.sessions, session.id, action, "Success",
      {{"Variable", std::string(name)}, {"Value", calls_.Variable(*channel, name).value_or("")}});
}

void AsteriskModel::Originate(SimSession& session, const AmiMessage& action) {
  if (phase_ == Phase::kShuttingDown) {
    Fail(session, action, "Asterisk is shutting down");
    return;
  }
  absl::StatusOr<SimOrder> order = ParseSimOrder(action, session.user->write);
  if (!order.ok()) {
    Fail(session, action, order.status().message());
    return;
  }
  if (order->application.empty() && !order->exten.empty() &&
      !calls_.HasExtension(order->context, order->exten)) {
    Fail(session, action, "Extension does not exist.");
    return;
  }
  Succeed(session, action, "Originate successfully queued");
  calls_.Originate(*std::move(order), /*booted=*/phase_ == Phase::kUp);
}

void AsteriskModel::Hangup(SimSession& session, const AmiMessage& action) {
  SimChannel* channel = core_.channels.FindByText(action.Get("Channel"));
  if (channel == nullptr) {
    Fail(session, action, "No such channel");
    return;
  }
  Succeed(session, action, "Channel Hungup");
  calls_.HangUp(*channel, action.GetInt("Cause").value_or(0));
}

void AsteriskModel::UserEvent(SimSession& session, const AmiMessage& action) {
  AmiMessage event = core_.MakeEvent("UserEvent", kAmiUser);
  event.Add("UserEvent", action.Get("UserEvent"));
  for (const AmiHeader& header : action.headers()) {
    if (absl::EqualsIgnoreCase(header.name, "Action") ||
        absl::EqualsIgnoreCase(header.name, "UserEvent")) {
      continue;
    }
    event.Add(header.name, header.value);
  }
  Succeed(session, action, "Event Sent");
  core_.sessions.Publish(kAmiUser, std::move(event));
}

// ---- Queues, parking

void AsteriskModel::QueueStatus(SimSession& session, const AmiMessage& action) {
  SendList(session, action, "Queue status will follow", "QueueStatusComplete",
           calls_.queues().ListStatus(action.Get("Queue")), "", /*id_first=*/false);
}

void AsteriskModel::QueueSummary(SimSession& session, const AmiMessage& action) {
  SendList(session, action, "Queue summary will follow", "QueueSummaryComplete",
           calls_.queues().ListSummary(action.Get("Queue")), "", /*id_first=*/false);
}

void AsteriskModel::QueuePause(SimSession& session, const AmiMessage& action) {
  const absl::string_view paused = action.Get("Paused");
  if (action.Get("Interface").empty() || paused.empty()) {
    Fail(session, action, "Need 'Interface' and 'Paused' parameters.");
    return;
  }
  const bool pause = paused == "1" || absl::EqualsIgnoreCase(paused, "true");
  if (calls_.queues().Pause(action.Get("Queue"), action.Get("Interface"), pause,
                            action.Get("Reason"))) {
    Succeed(session, action,
            pause ? "Interface paused successfully" : "Interface unpaused successfully");
  } else {
    Fail(session, action, "Interface not found");
  }
}

void AsteriskModel::ParkedCalls(SimSession& session, const AmiMessage& action) {
  SendList(session, action, "Parked calls will follow", "ParkedCallsComplete",
           calls_.parking().ListCalls(), "Total", /*id_first=*/false);
}

void AsteriskModel::Parkinglots(SimSession& session, const AmiMessage& action) {
  SendList(session, action, "Parking lots will follow", "ParkinglotsComplete",
           calls_.parking().ListLots(), "", /*id_first=*/false);
}

// ---- Faults

absl::Status AsteriskModel::SetFaults(const SimFaults& faults) {
  if (const absl::Status checked = faults.Check(); !checked.ok()) return checked;
  core_.sessions.set_faults(faults);
  return absl::OkStatus();
}

void AsteriskModel::DropConnections(SimClose how, const engine::Now& now) {
  SetNow(now);
  core_.sessions.Drop(how);
}

void AsteriskModel::Stall(absl::Duration duration, const engine::Now& now) {
  SetNow(now);
  stalled_until_ = now.mono + duration;
}

void AsteriskModel::Restart(const SimRestart& restart, const engine::Now& now) {
  SetNow(now);
  if (!restart.graceful) {
    EndShutdown(restart);
    return;
  }
  phase_ = Phase::kShuttingDown;
  calls_.ShutDown();
  core_.After(kShutdownTime, [this, restart] {
    AmiMessage event = core_.MakeEvent("Shutdown", kAmiSystem);
    event.Add("Shutdown", "Cleanly");
    event.Add("Restart", "True");
    core_.sessions.Publish(kAmiSystem, std::move(event));
    EndShutdown(restart);
  });
}

void AsteriskModel::EndShutdown(const SimRestart& restart) {
  phase_ = Phase::kDown;
  core_.sessions.CloseAll(restart.graceful ? SimClose::kFin : SimClose::kRst);
  core_.sessions.SetListening(false);
  stalled_.clear();
  calls_.Vanish();
  core_.Reboot();
  core_.After(restart.down_for, [this] { ComeBack(); });
}

void AsteriskModel::ComeBack() {
  phase_ = Phase::kBooting;
  core_.booted = core_.now;
  core_.sessions.SetListening(true);
  core_.After(kBootTime, [this] {
    phase_ = Phase::kUp;
    AmiMessage event = core_.MakeEvent("FullyBooted", kAmiSystem);
    event.Add("Status", "Fully Booted");
    event.Add("Uptime", "0");
    event.Add("LastReload", "0");
    core_.sessions.Publish(kAmiSystem, std::move(event));
  });
}

SimCounters AsteriskModel::Counters() const {
  SimCounters counters = core_.counter.counters();
  counters.channels = core_.channels.size();
  return counters;
}

}  // namespace outdial::ami
