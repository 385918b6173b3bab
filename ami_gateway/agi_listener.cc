#include "ami_gateway/agi_listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "ami_gateway/agi_connection.h"
#include "ami_gateway/agi_request.h"
#include "ami_gateway/ami_acceptor.h"
#include "ami_gateway/log_throttle.h"
#include "ami_gateway/networks.h"
#include "ami_gateway/out_dl_create.h"
#include "ami_gateway/system_now.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using ActionReply = absl::StatusOr<engine::ActionResult>;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr char kOutDlCreatePath[] = "out_dl_create";
// Peers that are turned away are told of so often.
constexpr absl::Duration kTurnedAwayLogPeriod = absl::Seconds(10);

// Leads to the listener's thread as long as the listener is there. Thread-safe.
class ThreadDoor {
 public:
  explicit ThreadDoor(asio::io_context* io) : io_(io) {}

  void Post(std::function<void()> work) {
    const absl::MutexLock lock(&mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(work));
  }

  void Close() {
    const absl::MutexLock lock(&mutex_);
    io_ = nullptr;
  }

 private:
  absl::Mutex mutex_;
  asio::io_context* io_ ABSL_GUARDED_BY(mutex_);
};

// What the channel is told.
struct Outcome {
  bool success = false;
  std::string detail;  // the new entry's uuid, or what is wrong
};

Outcome Failure(std::string problem) { return {.success = false, .detail = std::move(problem)}; }

Outcome ToOutcome(const ActionReply& reply) {
  if (!reply.ok()) return Failure(OutDlCreateProblem(reply.status()));
  return {.success = true, .detail = std::get<v1::OutDlListCreateResponse>(*reply).dl().uuid()};
}

}  // namespace

class AgiListener::Impl {
 public:
  Impl(AgiListenerOptions options, OutBackend* backend, GatewayLog log)
      : options_(std::move(options)),
        backend_(backend),
        log_(std::move(log)),
        acceptor_(
            &io_, [this](tcp::socket socket) { Welcome(std::move(socket)); }, log_) {}
  ~Impl();

  absl::Status Start();
  uint16_t port() const { return acceptor_.port(); }

 private:
  // An action whose answer is awaited.
  struct Waiter {
    explicit Waiter(asio::io_context& io) : timer(io) {}
    asio::steady_timer timer;  // ends early when the answer is there
    std::optional<ActionReply> reply;
  };

  void Stop();
  void Welcome(tcp::socket socket);
  // Whether the peer may be served; tells the log if not.
  bool Admits(const tcp::socket& socket);
  void TurnAway(const std::string& peer, const std::string& reason);

  awaitable<void> Serve(tcp::socket socket);
  awaitable<void> Answer(AgiConnection* connection);
  awaitable<Outcome> CarryOut(AgiRequest request);
  awaitable<ActionReply> Post(engine::Action action);
  void Deliver(uint64_t id, ActionReply reply);
  void LogOutcome(const AgiRequest& request, const Outcome& outcome, const absl::Status& told);

  const AgiListenerOptions options_;
  OutBackend* const backend_;
  const GatewayLog log_;
  Networks networks_;
  asio::io_context io_{1};
  AmiAcceptor acceptor_;
  // Shared with the answers that the backend still owes, which may come after the listener's end.
  const std::shared_ptr<ThreadDoor> door_ = std::make_shared<ThreadDoor>(&io_);
  // From here on: of the listener's thread.
  std::set<AgiConnection*> connections_;
  std::map<uint64_t, Waiter*> waiting_;
  uint64_t next_id_ = 0;
  LogThrottle turned_away_log_{kTurnedAwayLogPeriod};
  bool stopped_ = false;
  std::thread thread_;
};

AgiListener::Impl::~Impl() {
  asio::post(io_, [this] { Stop(); });
  if (thread_.joinable()) thread_.join();
  door_->Close();
}

absl::Status AgiListener::Impl::Start() {
  absl::StatusOr<Networks> networks = Networks::Parse(options_.networks);
  if (!networks.ok()) return networks.status();
  networks_ = *std::move(networks);
  if (absl::Status status = acceptor_.Listen(options_.host, options_.port); !status.ok()) {
    return status;
  }
  acceptor_.Start();
  thread_ = std::thread([this] { io_.run(); });
  return absl::OkStatus();
}

void AgiListener::Impl::Stop() {
  stopped_ = true;
  acceptor_.Stop();
  for (AgiConnection* connection : connections_) connection->Close();
  for (const auto& [id, waiter] : waiting_) waiter->timer.cancel();
}

// ---- Connections

void AgiListener::Impl::Welcome(tcp::socket socket) {
  if (Admits(socket)) asio::co_spawn(io_, Serve(std::move(socket)), asio::detached);
}

bool AgiListener::Impl::Admits(const tcp::socket& socket) {
  ErrorCode gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  if (gone) return false;
  const std::string address = PlainAddress(peer.address()).to_string();
  if (!networks_.Contains(peer.address())) {
    TurnAway(address, "not in agi_networks");
    return false;
  }
  if (connections_.size() >= options_.max_clients) {
    TurnAway(address, absl::StrCat(options_.max_clients, " connections are open"));
    return false;
  }
  return true;
}

void AgiListener::Impl::TurnAway(const std::string& peer, const std::string& reason) {
  const std::optional<uint64_t> left_out = turned_away_log_.Pass(MonotonicNow());
  if (!left_out.has_value()) return;
  log_("warning", "agi_turned_away",
       {{"peer", peer}, {"reason", reason}, {"left_out", absl::StrCat(*left_out)}});
}

awaitable<void> AgiListener::Impl::Serve(tcp::socket socket) {
  if (stopped_) co_return;
  AgiConnection connection(std::move(socket), options_.timeout);
  connections_.insert(&connection);
  co_await Answer(&connection);
  connections_.erase(&connection);
}

awaitable<void> AgiListener::Impl::Answer(AgiConnection* connection) {
  const absl::StatusOr<std::string> block = co_await connection->ReadRequest();
  if (stopped_) co_return;
  if (!block.ok()) {
    log_("info", "agi_no_request", {{"reason", std::string(block.status().message())}});
    co_return;
  }
  const absl::StatusOr<AgiRequest> request = ParseAgiRequest(*block);
  Outcome outcome;
  if (request.ok()) {
    outcome = co_await CarryOut(*request);
  } else {
    outcome = Failure(std::string(request.status().message()));
  }
  absl::Status told = co_await connection->SetVariable("OUTDETAIL", outcome.detail);
  if (told.ok()) {
    told = co_await connection->SetVariable("OUTSTATUS", outcome.success ? "SUCCESS" : "FAILED");
  }
  LogOutcome(request.value_or(AgiRequest()), outcome, told);
}

void AgiListener::Impl::LogOutcome(const AgiRequest& request, const Outcome& outcome,
                                   const absl::Status& told) {
  Fields fields = {{"channel", request.channel}, {"uniqueid", request.uniqueid}};
  fields.emplace_back(outcome.success ? "dl" : "problem", outcome.detail);
  if (!told.ok()) fields.emplace_back("not_told", std::string(told.message()));
  const bool good = outcome.success && told.ok();
  log_(good ? "info" : "warning", outcome.success ? "agi_dl_created" : "agi_refused", fields);
}

// ---- Requests

awaitable<Outcome> AgiListener::Impl::CarryOut(AgiRequest request) {
  if (request.path != kOutDlCreatePath) {
    co_return Failure(absl::StrCat("there is no `", request.path, "` here: use agi://HOST:PORT/",
                                   kOutDlCreatePath));
  }
  absl::StatusOr<v1::OutDlListCreateRequest> create = ReadOutDlCreate(request.arguments);
  if (!create.ok()) co_return Failure(std::string(create.status().message()));
  co_return ToOutcome(co_await Post(*std::move(create)));
}

awaitable<ActionReply> AgiListener::Impl::Post(engine::Action action) {
  const uint64_t id = next_id_++;
  Waiter waiter(io_);
  waiter.timer.expires_after(absl::ToChronoNanoseconds(options_.timeout));
  waiting_.emplace(id, &waiter);
  backend_->Post(std::move(action), [this, door = door_, id](ActionReply reply) {
    door->Post([this, id, reply = std::move(reply)] { Deliver(id, reply); });
  });
  co_await waiter.timer.async_wait(kAwait);
  waiting_.erase(id);
  if (waiter.reply.has_value()) co_return *std::move(waiter.reply);
  const std::string why =
      stopped_ ? "outdiald is ending"
               : absl::StrCat("no answer within ", absl::FormatDuration(options_.timeout));
  co_return absl::DeadlineExceededError(
      absl::StrCat(why, ": `outdialctl dl show` tells whether the entry was made"));
}

void AgiListener::Impl::Deliver(uint64_t id, ActionReply reply) {
  if (const auto waiting = waiting_.find(id); waiting != waiting_.end()) {
    waiting->second->reply = std::move(reply);
    waiting->second->timer.cancel();
    return;
  }
  const Outcome outcome = ToOutcome(reply);
  log_("warning", "agi_answered_too_late", {{outcome.success ? "dl" : "problem", outcome.detail}});
}

// ---- The listener

AgiListener::AgiListener(AgiListenerOptions options, OutBackend* backend, GatewayLog log)
    : impl_(std::make_unique<Impl>(std::move(options), backend, std::move(log))) {}

AgiListener::~AgiListener() = default;

absl::Status AgiListener::Start() { return impl_->Start(); }

uint16_t AgiListener::port() const { return impl_->port(); }

}  // namespace outdial::ami
