#include "tests/simulation/simulated_node.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/check.h"

namespace outdial::simulation {

namespace {

constexpr char kObserver[] = "observer";
constexpr absl::Duration kBackoffMin = absl::Milliseconds(200);
constexpr absl::Duration kBackoffMax = absl::Seconds(30);

std::string CutPointName(SimulatedNode::CutPoint point) {
  switch (point) {
    case SimulatedNode::CutPoint::kMessage:
      return "cut_at_message";
    case SimulatedNode::CutPoint::kOriginateQueued:
      return "cut_originate_queued";
    case SimulatedNode::CutPoint::kOriginateSent:
      return "cut_originate_sent";
    case SimulatedNode::CutPoint::kHangupQueued:
      return "cut_hangup_queued";
    case SimulatedNode::CutPoint::kOriginateRead:
      return "cut_originate_read";
  }
  return "";
}

bool IsOriginate(const ami::AmiFrame& frame) { return frame.message.Get("Action") == "Originate"; }

ami::SimAsteriskConfig WithObserver(ami::SimAsteriskConfig config) {
  config.users.push_back({.name = kObserver, .secret = kObserver, .spared = true});
  return config;
}

}  // namespace

SimulatedNode::SimulatedNode(std::string name, ami::SimAsteriskConfig config, uint64_t seed,
                             const VirtualClock* clock, NodeObserver* observer, FaultTally* tally,
                             FactSink on_fact)
    : name_(std::move(name)),
      config_(WithObserver(std::move(config))),
      clock_(clock),
      observer_(observer),
      on_fact_(std::move(on_fact)),
      random_(seed),
      model_(config_, clock->now()),
      stalled_until_(clock->now().mono),
      wire_held_until_(clock->now().mono),
      disturbed_until_(clock->now().mono),
      tally_(tally),
      socket_free_at_(clock->now().mono),
      lost_sight_at_(clock->now().mono) {
  MakeLink();
  OpenObserver();
  TakeOutputs();
}

engine::MonotonicTime SimulatedNode::Delayed(engine::MonotonicTime not_before) {
  // Most messages take next to no time.
  const absl::Duration delay = random_.Chance(0.2) ? random_.Unit() * kMaxDelay / 2
                                                   : absl::Microseconds(50 + random_.Below(100));
  return std::max({not_before, now().mono + delay, wire_held_until_});
}

// ---- Time

engine::MonotonicTime SimulatedNode::NextDue() const {
  engine::MonotonicTime next = model_.NextWakeup();
  if (!up_.empty()) {
    next = std::min(next,
                    CanDeliverUp() ? up_.front().due : std::max(up_.front().due, stalled_until_));
  }
  if (!down_.empty()) next = std::min(next, down_.front().due);
  if (!running_) return next;
  next = std::min(next, connect_at_);
  if (link_->connected()) {
    next = std::min(next, link_->NextDeadline());
    if (link_->has_writes()) next = std::min(next, socket_free_at_);
  }
  return next;
}

void SimulatedNode::Advance() {
  while (AdvanceModel() || AdvanceClient()) {
  }
}

bool SimulatedNode::AdvanceModel() {
  bool moved = false;
  if (model_.NextWakeup() <= now().mono) {
    model_.Advance(now());
    moved = true;
  } else if (!up_.empty() && up_.front().due <= now().mono && CanDeliverUp()) {
    const Up up = std::move(up_.front());
    up_.pop_front();
    DeliverUp(up);
    moved = true;
  }
  if (moved) TakeOutputs();
  return moved;
}

void SimulatedNode::DeliverUp(const Up& up) {
  if (!up.frame.has_value()) return model_.CloseSession(up.session, now());
  model_.Receive(up.session, *up.frame, now());
  TakeOutputs();
  const bool cut =
      Reach(CutPoint::kMessage) || (IsOriginate(*up.frame) && Reach(CutPoint::kOriginateRead));
  if (cut) Drop(cut_how_);
}

bool SimulatedNode::Reach(CutPoint point) {
  if (!cut_.has_value() || cut_->point != point) return false;
  if (cut_->spared > 0) {
    --cut_->spared;
    return false;
  }
  cut_how_ = cut_->how;
  cut_.reset();
  ++(*tally_)[CutPointName(point)];
  return true;
}

bool SimulatedNode::AdvanceClient() {
  if (!down_.empty() && down_.front().due <= now().mono) {
    const Down down = std::move(down_.front());
    down_.pop_front();
    OnDown(down);
    return true;
  }
  if (!running_) return false;
  if (connect_at_ <= now().mono) {
    Connect();
    return true;
  }
  if (!link_->connected()) return false;
  if (link_->has_writes() && socket_free_at_ <= now().mono) {
    WriteBatch();
    return true;
  }
  if (link_->NextDeadline() <= now().mono) {
    link_->OnTimer(server_now());
    CloseIfEnded();
    return true;
  }
  return false;
}

// ---- The node's side

// A stalled node reads the end of a connection after all that came before it.
bool SimulatedNode::CanDeliverUp() const {
  return up_.front().frame.has_value() || stalled_until_ <= now().mono;
}

void SimulatedNode::OpenObserver() {
  observing_ = ++last_session_;
  model_.OpenSession(observing_, now());
  model_.Receive(
      observing_,
      ami::AmiMessage{{"Action", "Login"}, {"Username", kObserver}, {"Secret", kObserver}}, now());
}

void SimulatedNode::TakeOutputs() {
  for (std::vector<ami::SimOutput> outputs = model_.TakeOutputs(); !outputs.empty();
       outputs = model_.TakeOutputs()) {
    for (const ami::SimOutput& output : outputs) TakeOutput(output);
    // The observer is there again at once: nothing happens in between.
    if (observing_ == 0 && listening_) OpenObserver();
  }
}

void SimulatedNode::TakeOutput(const ami::SimOutput& output) {
  using Kind = ami::SimOutput::Kind;
  if (output.kind == Kind::kStopListening) {
    listening_ = false;
    down_at_ = now().mono;
    observer_->OnDown(name_);
    return;
  }
  if (output.kind == Kind::kListen) {
    listening_ = true;
    return;
  }
  if (output.session == observing_) {
    if (output.kind == Kind::kClose) observing_ = 0;
    if (output.kind == Kind::kMessage) observer_->OnEvent(name_, *output.message);
    return;
  }
  if (output.kind == Kind::kClose) return CutDown(output.session, output.close);
  ami::AmiFrame frame;
  if (output.kind == Kind::kBanner) {
    frame.kind = ami::AmiFrame::Kind::kBanner;
    frame.banner = "Asterisk Call Manager/11.0.0";
  } else {
    frame.message = *output.message;
  }
  const engine::MonotonicTime due = Delayed(down_.empty() ? now().mono : down_.back().due);
  down_.push_back({due, output.session, std::move(frame)});
}

void SimulatedNode::CutDown(ami::SimSessionId session, ami::SimClose how) {
  // A reset overtakes what was sent; half a message is none.
  size_t lost = 0;
  if (how == ami::SimClose::kRst && !down_.empty()) lost = random_.Below(down_.size() + 1);
  if (how == ami::SimClose::kMidMessage && !down_.empty()) lost = 1;
  down_.resize(down_.size() - lost);
  const engine::MonotonicTime due = Delayed(down_.empty() ? now().mono : down_.back().due);
  down_.push_back({due, session, std::nullopt});
}

void SimulatedNode::Drop(ami::SimClose how) {
  model_.DropConnections(how, now());
  TakeOutputs();
}

void SimulatedNode::CutOff(absl::Duration duration) {
  reachable_at_ = now().mono + duration;
  link_->End("the node can't be reached");
  CloseIfEnded();
}

void SimulatedNode::Restart(const ami::SimRestart& restart) {
  // What waited to be started is gone, once the process has ended.
  const absl::Duration shutdown = restart.graceful ? absl::Seconds(2) : absl::ZeroDuration();
  if (!overloaded_) disturbed_until_ = std::min(disturbed_until_, now().mono + shutdown);
  model_.Restart(restart, now());
  TakeOutputs();
}

void SimulatedNode::Stall(absl::Duration duration) {
  model_.Stall(duration, now());
  stalled_until_ = now().mono + duration;
  disturbed_until_ = std::max(disturbed_until_, stalled_until_ + absl::Seconds(1));
  TakeOutputs();
}

void SimulatedNode::HoldWire(absl::Duration duration) {
  wire_held_until_ = now().mono + duration;
  disturbed_until_ = std::max(disturbed_until_, wire_held_until_ + absl::Seconds(1));
}

void SimulatedNode::SetFaults(const ami::SimFaults& faults) {
  OUTDIAL_CHECK(model_.SetFaults(faults).ok(), "the faults are drawn within their ranges");
  // What waits under overload starts late.
  overloaded_ = faults.starts_per_second > 0;
  disturbed_until_ = overloaded_ ? absl::InfiniteDuration()
                                 : std::min(disturbed_until_, now().mono + absl::Seconds(60));
}

// ---- The gateway's side

void SimulatedNode::MakeLink() {
  link_.emplace(ami::AmiSessionOptions{.username = config_.users.front().name,
                                       .secret = config_.users.front().secret},
                ami::ReconnectBackoff(kBackoffMin, kBackoffMax, random_.Next()),
                ami::AsteriskLink::Sinks{
                    .fact = [this](ami::AmiFact fact) { OnFact(std::move(fact)); }, .log = {}});
}

void SimulatedNode::StartProcess() {
  running_ = true;
  connect_at_ = now().mono;
}

void SimulatedNode::KillProcess() {
  running_ = false;
  connect_at_ = absl::InfiniteDuration();
  CloseSocket();
  MakeLink();
}

void SimulatedNode::Send(const engine::NodeCommand& command) {
  const size_t waiting = link_->waiting_originates();
  link_->Command(command, server_now());
  const bool originates = link_->waiting_originates() > waiting;
  const bool hangs_up =
      link_->has_writes() && std::holds_alternative<engine::Hangup>(command.command);
  if ((originates && Reach(CutPoint::kOriginateQueued)) ||
      (hangs_up && Reach(CutPoint::kHangupQueued))) {
    link_->End("the connection was cut");
  }
  CloseIfEnded();
}

void SimulatedNode::Connect() {
  connect_at_ = absl::InfiniteDuration();
  if (!listening_ || reachable_at_ > now().mono) {
    connect_at_ = now().mono + link_->OnLost({.reason = "no connection"});
    return;
  }
  session_id_ = ++last_session_;
  up_parser_.emplace(ami::AmiFrameParser::Side::kFromClient, ami::kAmiActionLimits);
  socket_free_at_ = now().mono;
  link_->OnConnected(server_now());
  model_.OpenSession(session_id_, now());
  TakeOutputs();
}

void SimulatedNode::OnDown(const Down& down) {
  if (session_id_ == 0 || down.session != session_id_) return;
  if (down.frame.has_value()) {
    link_->OnFrame(*down.frame, server_now());
  } else {
    link_->OnClosed();
  }
  CloseIfEnded();
  if (session_id_ != 0 && Reach(CutPoint::kMessage)) Drop(cut_how_);
}

void SimulatedNode::WriteBatch() {
  std::vector<ami::AmiFrame> frames;
  up_parser_->Consume(link_->TakeBatch(server_now()), &frames);
  link_->OnWritten();
  bool originates = false;
  for (ami::AmiFrame& frame : frames) {
    if (IsOriginate(frame)) {
      originates = true;
      handed_.insert(std::string(frame.message.Get("ChannelId")));
    }
    const engine::MonotonicTime due = Delayed(up_.empty() ? now().mono : up_.back().due);
    up_.push_back({due, session_id_, std::move(frame)});
  }
  // Now and then the socket is slow, and the next batch waits.
  if (random_.Chance(0.1)) socket_free_at_ = now().mono + random_.Unit() * kMaxDelay / 2;
  if (originates && Reach(CutPoint::kOriginateSent)) link_->End("the connection was cut");
  CloseIfEnded();
}

void SimulatedNode::CloseIfEnded() {
  if (session_id_ == 0 || !link_->end().has_value()) return;
  CloseSocket();
  connect_at_ = now().mono + link_->OnLost(*link_->end());
}

void SimulatedNode::CloseSocket() {
  if (session_id_ != 0) {
    up_.push_back({Delayed(up_.empty() ? now().mono : up_.back().due), session_id_, std::nullopt});
  }
  session_id_ = 0;
  losses_.push_back(now().mono);
  LoseSight();
}

void SimulatedNode::LoseSight() {
  if (!in_sight_since_.has_value()) return;
  in_sight_since_.reset();
  lost_sight_at_ = now().mono;
}

void SimulatedNode::OnFact(ami::AmiFact fact) {
  if (std::holds_alternative<engine::NodeSynced>(fact.fact) && !in_sight_since_.has_value()) {
    in_sight_since_ = now().mono;
  }
  on_fact_({name_, std::move(fact.fact), fact.happened});
}

}  // namespace outdial::simulation
