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

}  // namespace

AsteriskNode::AsteriskNode(asio::any_io_executor executor, NodeAddress address,
                           const GatewayOptions& options, uint64_t seed,
                           const NodeEventSink& on_events, const GatewayLog& log)
    : executor_(executor),
      address_(std::move(address)),
      options_(options),
      on_events_(on_events),
      log_(log),
      link_(
          SessionOptions(), ReconnectBackoff(options.backoff_min, options.backoff_max, seed),
          {.fact = [this](AmiFact fact) { Tell(std::move(fact)); },
           .log = [this](AmiLogFact fact) { Log(fact.level, fact.name, std::move(fact.fields)); }}),
      sleep_timer_(executor),
      deadline_timer_(executor),
      write_wake_(executor, asio::steady_timer::time_point::max()) {
  if (!address_.cdr_csv.empty()) cdr_csv_.emplace(address_.cdr_csv);
}

awaitable<void> AsteriskNode::Run() {
  while (!stopped_) {
    const absl::Duration pause = link_.OnLost(co_await Serve());
    TellNoted();
    if (!stopped_) co_await Sleep(pause);
  }
}

// ---- One connection

awaitable<AmiSessionEnd> AsteriskNode::Serve() {
  stream_.emplace(executor_, address_.tls);
  if (const std::optional<AmiSessionEnd> failure = co_await Connect()) co_return *failure;
  link_.OnConnected(ReadNow());
  co_await (ReadLoop() || WriteLoop() || TimerLoop());
  stream_.reset();
  co_return *link_.end();
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
  while (!link_.end().has_value()) {
    const auto [error, size] = co_await stream_->Read(asio::buffer(buffer));
    if (link_.end().has_value()) co_return;
    if (error) {
      link_.OnClosed();
      co_return Wake();
    }
    frames.clear();
    parser.Consume(absl::string_view(buffer.data(), size), &frames);
    const engine::Now now = ReadNow();
    for (const AmiFrame& frame : frames) {
      link_.OnFrame(frame, now);
      if (link_.end().has_value()) break;
    }
    Wake();
  }
}

awaitable<void> AsteriskNode::WriteLoop() {
  while (!link_.end().has_value()) {
    if (!link_.has_writes()) {
      co_await write_wake_.async_wait(kAwait);
      continue;
    }
    const std::string batch = link_.TakeBatch(ReadNow());
    const AmiStream::ErrorCode error = co_await stream_->Write(asio::buffer(batch));
    link_.OnWritten();
    if (error) {
      link_.OnClosed();
      co_return Wake();
    }
  }
}

awaitable<void> AsteriskNode::TimerLoop() {
  while (!link_.end().has_value()) {
    armed_ = link_.NextDeadline();
    deadline_timer_.expires_at(ToSteadyTime(armed_));
    co_await deadline_timer_.async_wait(kAwait);
    if (link_.end().has_value()) co_return;
    link_.OnTimer(ReadNow());
    Wake();
  }
}

awaitable<void> AsteriskNode::Sleep(absl::Duration duration) {
  sleep_timer_.expires_after(absl::ToChronoNanoseconds(duration));
  co_await sleep_timer_.async_wait(kAwait);
}

// ---- Inputs

void AsteriskNode::Command(const engine::NodeCommand& command) {
  link_.Command(command, ReadNow());
  Wake();
}

void AsteriskNode::Stop() {
  stopped_ = true;
  link_.End("stopped");
  if (stream_.has_value()) stream_->Close();
  Wake();
  sleep_timer_.cancel();
}

// ---- Outputs

void AsteriskNode::Wake() {
  TellNoted();
  if (link_.end().has_value()) {
    if (stream_.has_value()) stream_->Close();
    deadline_timer_.cancel();
    write_wake_.cancel();
    return;
  }
  if (link_.has_writes()) write_wake_.cancel();
  if (link_.connected() && link_.NextDeadline() < armed_) deadline_timer_.cancel();
}

void AsteriskNode::Tell(AmiFact fact) {
  if (const auto* connected = std::get_if<engine::NodeConnected>(&fact.fact)) {
    Log("info", "node_connected",
        {{"version", connected->version}, {"problems", absl::StrJoin(connected->problems, "; ")}});
  }
  if (std::holds_alternative<engine::NodeSynced>(fact.fact)) TellRecords();
  noted_.push_back({address_.name, std::move(fact.fact), fact.happened});
}

void AsteriskNode::TellNoted() {
  if (noted_.empty()) return;
  SetEngineClock();
  on_events_(std::exchange(noted_, {}));
}

void AsteriskNode::TellRecords() {
  if (!cdr_csv_.has_value()) return;
  absl::StatusOr<std::vector<engine::CallRecorded>> records = cdr_csv_->ReadNew();
  if (!records.ok() && !cdr_csv_failed_) {
    Log("warning", "cdr_csv_unreadable", {{"detail", std::string(records.status().message())}});
  }
  cdr_csv_failed_ = !records.ok();
  if (!records.ok()) return;
  for (engine::CallRecorded& record : *records) {
    noted_.push_back({address_.name, std::move(record)});
  }
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

void AsteriskNode::SetEngineClock() {
  const double speed = absl::Seconds(1) / options_.clock->RealDuration(absl::Seconds(1));
  const engine::MonotonicTime now = options_.clock->Read().mono;
  const engine::MonotonicTime real_now = MonotonicNow();
  for (engine::NodeEvent& event : noted_) {
    if (!event.happened.has_value()) continue;
    event.happened->latest = now - (real_now - event.happened->latest) * speed;
    event.happened->earliest = now - (real_now - event.happened->earliest) * speed;
  }
}

engine::Now AsteriskNode::ReadNow() const { return {MonotonicNow(), options_.clock->Read().wall}; }

}  // namespace outdial::ami
