#include "ami_gateway/asterisk_node.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ami_gateway/system_now.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::experimental::awaitable_operators::operator||;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadBufferBytes = 64 * 1024;
// What is handed to the socket at once: of this much nobody knows what arrived when the
// connection dies.
constexpr size_t kMaxBatchBytes = 16 * 1024;

}  // namespace

AsteriskNode::AsteriskNode(asio::any_io_executor executor, NodeAddress address,
                           const GatewayOptions& options, uint64_t seed, const EventSink& on_event,
                           const GatewayLog& log)
    : executor_(executor),
      address_(std::move(address)),
      options_(options),
      on_event_(on_event),
      log_(log),
      backoff_(options.backoff_min, options.backoff_max, seed),
      sleep_timer_(executor),
      deadline_timer_(executor),
      write_wake_(executor, asio::steady_timer::time_point::max()) {
  if (!address_.cdr_csv.empty()) cdr_csv_.emplace(address_.cdr_csv);
}

awaitable<void> AsteriskNode::Run() {
  while (!stopped_) {
    const AmiSessionEnd end = co_await Serve();
    TellLost(end);
    if (!stopped_) co_await Sleep(backoff_.Next(end.refused));
  }
}

// ---- One connection

awaitable<AmiSessionEnd> AsteriskNode::Serve() {
  end_.reset();
  stream_.emplace(executor_, address_.tls);
  if (const std::optional<AmiSessionEnd> failure = co_await Connect()) co_return *failure;
  session_.emplace(SessionOptions(), ReadNow());
  co_await (ReadLoop() || WriteLoop() || TimerLoop());
  session_.reset();
  stream_.reset();
  co_return *end_;
}

awaitable<std::optional<AmiSessionEnd>> AsteriskNode::Connect() {
  const std::variant<absl::Status, std::monostate> first =
      co_await (stream_->Connect(address_.host, address_.port) || Sleep(options_.connect_timeout));
  if (stopped_) co_return AmiSessionEnd{"stopped"};
  if (first.index() == 1) {
    co_return AmiSessionEnd{
        absl::StrCat("no connection within ", absl::FormatDuration(options_.connect_timeout))};
  }
  const absl::Status& status = std::get<absl::Status>(first);
  if (status.ok()) co_return std::nullopt;
  co_return AmiSessionEnd{std::string(status.message()), !absl::IsUnavailable(status)};
}

awaitable<void> AsteriskNode::ReadLoop() {
  AmiFrameParser parser(AmiFrameParser::Side::kFromServer);
  std::vector<char> buffer(kReadBufferBytes);
  std::vector<AmiFrame> frames;
  while (!end_.has_value()) {
    const auto [error, size] = co_await stream_->Read(asio::buffer(buffer));
    if (end_.has_value()) co_return;
    if (error) co_return Finish(session_->PeerCloseReason());
    frames.clear();
    parser.Consume(absl::string_view(buffer.data(), size), &frames);
    const engine::Now now = ReadNow();
    for (const AmiFrame& frame : frames) {
      AmiSessionOutput output;
      session_->OnFrame(frame, now, &output);
      Apply(std::move(output));
      if (end_.has_value()) co_return;
    }
  }
}

awaitable<void> AsteriskNode::WriteLoop() {
  while (!end_.has_value()) {
    if (queue_.empty()) {
      co_await write_wake_.async_wait(kAwait);
      continue;
    }
    const std::string batch = TakeBatch();
    write_deadline_ = ReadNow().mono + address_.answer_timeout;
    const AmiStream::ErrorCode error = co_await stream_->Write(asio::buffer(batch));
    write_deadline_ = absl::InfiniteDuration();
    if (error) co_return Finish(session_->PeerCloseReason());
  }
}

awaitable<void> AsteriskNode::TimerLoop() {
  while (!end_.has_value()) {
    armed_ = NextDeadline();
    deadline_timer_.expires_at(ToSteadyTime(armed_));
    co_await deadline_timer_.async_wait(kAwait);
    if (end_.has_value()) co_return;
    const engine::Now now = ReadNow();
    if (write_deadline_ <= now.mono) {
      co_return Finish(absl::StrCat("the node read nothing for ",
                                    absl::FormatDuration(address_.answer_timeout)));
    }
    AmiSessionOutput output;
    session_->OnTimer(now, &output);
    Apply(std::move(output));
  }
}

awaitable<void> AsteriskNode::Sleep(absl::Duration duration) {
  sleep_timer_.expires_after(absl::ToChronoNanoseconds(duration));
  co_await sleep_timer_.async_wait(kAwait);
}

// ---- Inputs

void AsteriskNode::Command(const engine::NodeCommand& command) {
  if (std::holds_alternative<engine::Resync>(command.command) && !told_connected_) {
    if (told_lost_.has_value())
      Tell(engine::NodeDisconnected{told_lost_->reason, told_lost_->refused});
    return;
  }
  if (!session_.has_value() || end_.has_value()) {
    if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
      Tell(engine::OriginateUnsent{originate->dialing});
    }
    return;
  }
  const auto* originate = std::get_if<engine::Originate>(&command.command);
  if (originate != nullptr && waiting_originates_ >= kMaxWaitingOriginates) {
    return Tell(engine::OriginateUnsent{originate->dialing});
  }
  AmiSessionOutput output;
  session_->OnCommand(command, ReadNow(), &output);
  Apply(std::move(output));
}

void AsteriskNode::Stop() {
  stopped_ = true;
  Finish("stopped");
  sleep_timer_.cancel();
}

// ---- Outputs

void AsteriskNode::Apply(AmiSessionOutput output) {
  for (AmiLogFact& fact : output.log) Log(fact.level, fact.name, std::move(fact.fields));
  for (AmiWrite& write : output.writes) Enqueue(std::move(write));
  for (AmiFact& fact : output.facts) {
    if (fact.happened.has_value()) fact.happened = OnEngineClock(*fact.happened);
    Tell(std::move(fact.fact), fact.happened);
  }
  if (output.end.has_value()) return Finish(output.end->reason, output.end->refused);
  if (NextDeadline() < armed_) deadline_timer_.cancel();
}

void AsteriskNode::Enqueue(AmiWrite write) {
  if (queue_.size() >= kMaxWaitingWrites) {
    if (write.originate.has_value()) Tell(engine::OriginateUnsent{*write.originate});
    return Finish("the node reads too slowly");
  }
  if (write.originate.has_value()) ++waiting_originates_;
  queue_.push_back(std::move(write));
  write_wake_.cancel();
}

std::string AsteriskNode::TakeBatch() {
  std::string batch;
  while (!queue_.empty() && batch.size() < kMaxBatchBytes) {
    if (queue_.front().originate.has_value()) --waiting_originates_;
    batch += queue_.front().bytes;
    queue_.pop_front();
  }
  return batch;
}

engine::MonotonicTime AsteriskNode::NextDeadline() const {
  return std::min(session_->NextDeadline(), write_deadline_);
}

void AsteriskNode::Finish(std::string reason, bool refused) {
  if (!end_.has_value()) end_ = AmiSessionEnd{std::move(reason), refused};
  if (stream_.has_value()) stream_->Close();
  deadline_timer_.cancel();
  write_wake_.cancel();
}

void AsteriskNode::TellLost(const AmiSessionEnd& end) {
  for (const AmiWrite& write : std::exchange(queue_, {})) {
    if (write.originate.has_value()) Tell(engine::OriginateUnsent{*write.originate});
  }
  waiting_originates_ = 0;
  write_deadline_ = absl::InfiniteDuration();
  // A node that stays away is told once, not at each attempt.
  if (!told_connected_ && told_lost_.has_value() && told_lost_->reason == end.reason &&
      told_lost_->refused == end.refused) {
    return;
  }
  told_connected_ = false;
  told_lost_ = end;
  Tell(engine::NodeDisconnected{end.reason, end.refused});
}

void AsteriskNode::Tell(engine::NodeFact fact, std::optional<engine::Moment> happened) {
  if (const auto* connected = std::get_if<engine::NodeConnected>(&fact)) {
    told_connected_ = true;
    Log("info", "node_connected",
        {{"version", connected->version}, {"problems", absl::StrJoin(connected->problems, "; ")}});
  }
  if (std::holds_alternative<engine::NodeSynced>(fact)) {
    backoff_.Reset();
    TellRecords();
  }
  on_event_({address_.name, std::move(fact), happened});
}

void AsteriskNode::TellRecords() {
  if (!cdr_csv_.has_value()) return;
  absl::StatusOr<std::vector<engine::CallRecorded>> records = cdr_csv_->ReadNew();
  if (!records.ok() && !cdr_csv_failed_) {
    Log("warning", "cdr_csv_unreadable", {{"detail", std::string(records.status().message())}});
  }
  cdr_csv_failed_ = !records.ok();
  if (!records.ok()) return;
  for (engine::CallRecorded& record : *records) on_event_({address_.name, std::move(record)});
}

void AsteriskNode::Log(const std::string& level, const std::string& name,
                       std::vector<std::pair<std::string, std::string>> fields) const {
  fields.insert(fields.begin(), {"node", address_.name});
  log_(level, name, fields);
}

// ---- Values

AmiSessionOptions AsteriskNode::SessionOptions() const {
  return {.username = address_.username,
          .secret = address_.secret,
          .plain_login = address_.plain_login,
          .answer_timeout = address_.answer_timeout,
          .ping_interval = address_.ping_interval,
          .fully_booted_wait = options_.fully_booted_wait};
}

engine::Moment AsteriskNode::OnEngineClock(const engine::Moment& moment) const {
  const double speed = absl::Seconds(1) / options_.clock->RealDuration(absl::Seconds(1));
  const engine::MonotonicTime now = options_.clock->Read().mono;
  const engine::MonotonicTime real_now = MonotonicNow();
  return {.latest = now - (real_now - moment.latest) * speed,
          .earliest = now - (real_now - moment.earliest) * speed,
          .stamp = moment.stamp};
}

engine::Now AsteriskNode::ReadNow() const { return {MonotonicNow(), options_.clock->Read().wall}; }

}  // namespace outdial::ami
