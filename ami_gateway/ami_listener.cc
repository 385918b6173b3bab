#include "ami_gateway/ami_listener.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/system/error_code.hpp>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_acceptor.h"
#include "ami_gateway/ami_access_rules.h"
#include "ami_gateway/ami_client_connection.h"
#include "ami_gateway/ami_node_directory.h"
#include "ami_gateway/ami_server_tls.h"
#include "ami_gateway/log_throttle.h"
#include "ami_gateway/login_limiter.h"
#include "ami_gateway/networks.h"
#include "ami_gateway/out_event_tail.h"
#include "ami_gateway/random_text.h"
#include "ami_gateway/system_now.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr size_t kStoreThreads = 2;
constexpr char kDigits[] = "0123456789";
constexpr char kHexDigits[] = "0123456789abcdef";
constexpr size_t kChallengeDigits = 9;  // as Asterisk's
constexpr size_t kFenceTokenDigits = 24;

LoginLimits LimitsOf(const AmiListenerOptions& options) {
  return {.max_failed_logins = options.max_failed_logins,
          .window = options.login_window,
          .ban = options.login_ban};
}

}  // namespace

class AmiListener::Impl : public AmiClientObserver {
 public:
  Impl(AmiListenerOptions options, OutBackend* backend, GatewayLog log)
      : options_(std::move(options)),
        log_(std::move(log)),
        limiter_(LimitsOf(options_)),
        nodes_(options_.nodes, options_.node_is_ready),
        tail_(
            backend, io_, &event_pool_,
            [this](const OutEventBatch& events) { OnOutEvents(events); }, log_),
        environment_{
            .io = io_.get(),
            .resolver_pool = &resolver_pool_,
            .options = &options_,
            .nodes = &nodes_,
            .calls = {.backend = backend, .io = io_, .store_pool = &store_pool_, .log = log_},
            .log = log_} {}

  ~Impl() override {
    asio::post(*io_, [this] { StopAll(); });
    work_.reset();
    if (thread_.joinable()) thread_.join();
    store_pool_.join();
    event_pool_.join();
  }

  absl::Status Start() {
    if (absl::Status status = Prepare(); !status.ok()) return status;
    for (size_t i = 0; i < options_.listen.size(); ++i) {
      AmiAcceptor& acceptor = *acceptors_.emplace_back(std::make_unique<AmiAcceptor>(
          io_.get(),
          [this, i](tcp::socket socket) { Welcome(options_.listen[i], std::move(socket)); }, log_));
      const AmiListenAddress& address = options_.listen[i];
      if (absl::Status status = acceptor.Listen(address.host, address.port); !status.ok()) {
        return status;
      }
    }
    for (const auto& acceptor : acceptors_) acceptor->Start();
    thread_ = std::thread([this] { io_->run(); });
    return absl::OkStatus();
  }

  std::vector<uint16_t> ports() const {
    std::vector<uint16_t> ports;
    for (const auto& acceptor : acceptors_) ports.push_back(acceptor->port());
    return ports;
  }

  void Publish(uint64_t last_event) { tail_.Publish(last_event); }

  // ---- What clients tell

  void OnLoggedIn() override { --unauthenticated_; }

  void OnLoginFailed(const asio::ip::address& source) override {
    if (!limiter_.NoteFailure(source, MonotonicNow())) return;
    log_("warning", "ami_source_banned",
         {{"source", source.to_string()}, {"for", absl::FormatDuration(options_.login_ban)}});
  }

  void OnEventsWanted(bool wanted) override {
    wanting_ += wanted ? 1 : -1;
    tail_.SetWanted(wanting_ > 0);
  }

  void OnWaitingBytes(size_t before, size_t now) override {
    waiting_bytes_ += now - before;
    if (now > before && waiting_bytes_ > options_.max_total_waiting_bytes) DropSlowest();
  }

  void OnClosed(uint64_t id, bool logged_in) override {
    if (!logged_in) --unauthenticated_;
    clients_.erase(id);
  }

 private:
  // Reads what the options name.
  absl::Status Prepare() {
    absl::StatusOr<Networks> networks = Networks::Parse(options_.networks);
    if (!networks.ok()) return networks.status();
    networks_ = *std::move(networks);
    absl::StatusOr<AmiAccessRules> rules = AmiAccessRules::Create(options_.access);
    if (!rules.ok()) return rules.status();
    rules_ = *std::move(rules);
    for (const AmiListenAddress& address : options_.listen) {
      if (!address.node.empty() && !nodes_.Has(address.node)) {
        return absl::InvalidArgumentError(
            absl::StrCat("AMI clients can't get node ", address.node, ": there is no such node"));
      }
      if (!address.tls || tls_ != nullptr) continue;
      auto tls = MakeServerTls(options_.tls_cert_file, options_.tls_key_file);
      if (!tls.ok()) return tls.status();
      tls_ = *std::move(tls);
    }
    return absl::OkStatus();
  }

  // ---- On the listener's thread

  // A client that is not let in is closed without a word, as Asterisk does beyond its authlimit.
  void Welcome(const AmiListenAddress& address, tcp::socket socket) {
    boost::system::error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    if (gone) return;
    const asio::ip::address source = PlainAddress(peer.address());
    if (const char* why = WhyNot(source)) return LogRefusal(source, why);
    const uint64_t id = ++last_id_;
    const auto client = std::make_shared<AmiClientConnection>(
        &environment_, this, std::move(socket),
        AmiClientEntry{.id = id,
                       .source = source,
                       .node = address.node,
                       .tls = address.tls ? tls_.get() : nullptr,
                       .session = SessionOptions(address, source)});
    clients_.emplace(id, client);
    ++unauthenticated_;
    client->Start();
  }

  // Null: it may come in.
  const char* WhyNot(const asio::ip::address& source) const {
    if (!networks_.Contains(source)) return "not from an allowed network";
    if (limiter_.IsBanned(source, MonotonicNow())) return "too many failed logins";
    if (clients_.size() >= options_.max_clients) return "too many clients";
    if (unauthenticated_ >= options_.max_unauthenticated) return "too many that are not logged in";
    return nullptr;
  }

  void LogRefusal(const asio::ip::address& source, const char* why) {
    const std::optional<uint64_t> left_out = refusals_.Pass(MonotonicNow());
    if (!left_out.has_value()) return;
    log_("warning", "ami_client_refused",
         {{"source", source.to_string()}, {"why", why}, {"left_out", absl::StrCat(*left_out)}});
  }

  AmiClientOptions SessionOptions(const AmiListenAddress& address,
                                  const asio::ip::address& source) const {
    AmiClientOptions options;
    options.users = options_.users;
    options.rights = [this, source](absl::string_view login) {
      return rules_.RightsOf(login, source);
    };
    if (options_.users.empty()) options.banner = nodes_.Banner(address.node);
    options.challenge = RandomText(kDigits, kChallengeDigits);
    options.fence_token = RandomText(kHexDigits, kFenceTokenDigits);
    options.server_start = start_;
    return options;
  }

  void OnOutEvents(const OutEventBatch& events) {
    for (const auto& [id, client] : clients_) client->OnOutEvents(events);
  }

  void DropSlowest() {
    const auto slowest =
        std::max_element(clients_.begin(), clients_.end(), [](const auto& a, const auto& b) {
          return a.second->waiting_bytes() < b.second->waiting_bytes();
        });
    if (slowest != clients_.end()) slowest->second->Drop("too much waits for all clients together");
  }

  void StopAll() {
    for (const auto& acceptor : acceptors_) acceptor->Stop();
    // One turn later: an answer that came just before this is handed to its socket first.
    asio::post(*io_, [this] {
      for (const auto& [id, client] : clients_) client->Stop();
    });
  }

  const AmiListenerOptions options_;
  const GatewayLog log_;
  // Shared with answers that may come late; see OutCallEnvironment.
  const std::shared_ptr<asio::io_context> io_ = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_->get_executor()};
  asio::thread_pool store_pool_{kStoreThreads};
  // Apart from the lists': however many of those clients ask for, events come in time.
  asio::thread_pool event_pool_{1};
  // Apart from the store's: a name server that doesn't answer holds up those only who need it.
  asio::thread_pool resolver_pool_{1};
  std::unique_ptr<asio::ssl::context> tls_;
  Networks networks_;
  AmiAccessRules rules_;
  LoginLimiter limiter_;
  AmiNodeDirectory nodes_;
  OutEventTail tail_;
  const AmiClientEnvironment environment_;
  const engine::MonotonicTime start_ = MonotonicNow();
  LogThrottle refusals_{absl::Seconds(10)};
  std::vector<std::unique_ptr<AmiAcceptor>> acceptors_;
  std::map<uint64_t, std::shared_ptr<AmiClientConnection>> clients_;
  uint64_t last_id_ = 0;
  size_t unauthenticated_ = 0;
  int wanting_ = 0;           // clients that want Out* events
  size_t waiting_bytes_ = 0;  // of all clients
  std::thread thread_;
};

AmiListener::AmiListener(AmiListenerOptions options, OutBackend* backend, GatewayLog log)
    : impl_(std::make_unique<Impl>(std::move(options), backend, std::move(log))) {}

AmiListener::~AmiListener() = default;

absl::Status AmiListener::Start() { return impl_->Start(); }

std::vector<uint16_t> AmiListener::ports() const { return impl_->ports(); }

void AmiListener::Publish(uint64_t last_event) { impl_->Publish(last_event); }

}  // namespace outdial::ami
