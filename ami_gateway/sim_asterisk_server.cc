#include "ami_gateway/sim_asterisk_server.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "ami_gateway/ami_frame_parser.h"
#include "ami_gateway/asterisk_model.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/asio/write.hpp"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr absl::string_view kBanner = "Asterisk Call Manager/11.0.0\r\n";
// A reader that lets more pile up is cut off, as Asterisk's write timeout does.
constexpr size_t kMaxPendingBytes = 32 * 1024 * 1024;

// As Asterisk writes it: whatever bytes a value holds.
void AppendWire(const AmiMessage& message, std::string* out) {
  for (const AmiHeader& header : message.headers()) {
    absl::StrAppend(out, header.name, ": ", header.value, "\r\n");
  }
  absl::StrAppend(out, "\r\n");
}

// One TCP connection. Lives on the server's thread; shared by its pending reads and writes, which
// may outlast its place in the server's table.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `on_bytes` gets an empty text when the peer is gone.
  using OnBytes = std::function<void(absl::string_view bytes)>;

  Connection(Tcp::socket socket, OnBytes on_bytes)
      : socket_(std::move(socket)), on_bytes_(std::move(on_bytes)) {}

  void Start() { Read(); }

  void Send(absl::string_view bytes) {
    if (closing_) return;
    absl::StrAppend(&pending_, bytes);
    last_bytes_ = bytes.size();
    if (pending_.size() > kMaxPendingBytes) Abort();
  }

  // Writes what is pending, unless a write is under way, which then goes on with it.
  void Flush() {
    if (writing_) return;
    if (pending_.empty()) {
      if (closing_) Shut();
      return;
    }
    writing_ = true;
    in_flight_ = std::exchange(pending_, {});
    asio::async_write(socket_, asio::buffer(in_flight_),
                      [self = shared_from_this()](error_code error, size_t) {
                        self->writing_ = false;
                        if (error) {
                          self->Abort();
                        } else {
                          self->Flush();
                        }
                      });
  }

  void Close(SimClose how) {
    switch (how) {
      case SimClose::kRst:
        Abort();
        return;
      case SimClose::kMidMessage:
        if (pending_.empty()) {
          Send("Event: Hangup\r\nPriv");
        } else {
          pending_.resize(pending_.size() - last_bytes_ / 2);
        }
        break;
      case SimClose::kFin:
        break;
    }
    on_bytes_ = nullptr;
    closing_ = true;
    Flush();
  }

 private:
  void Read() {
    socket_.async_read_some(
        asio::buffer(buffer_), [self = shared_from_this()](error_code error, size_t size) {
          if (self->on_bytes_ == nullptr) return;
          self->on_bytes_(absl::string_view(self->buffer_.data(), error ? 0 : size));
          if (!error && self->socket_.is_open()) self->Read();
        });
  }

  void Shut() {
    error_code ignored;  // the peer may be gone already
    socket_.shutdown(Tcp::socket::shutdown_send, ignored);
    socket_.close(ignored);
  }

  void Abort() {
    on_bytes_ = nullptr;
    closing_ = true;
    pending_.clear();
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

  Tcp::socket socket_;
  OnBytes on_bytes_;
  std::array<char, 16 * 1024> buffer_{};
  std::string pending_;
  std::string in_flight_;
  size_t last_bytes_ = 0;  // size of the last message in pending_
  bool writing_ = false;
  bool closing_ = false;
};

}  // namespace

class SimAsteriskServer::Impl {
 public:
  Impl(SimAsteriskConfig config, SimServerOptions options)
      : options_(std::move(options)),
        acceptor_(io_),
        timer_(io_),
        model_(std::move(config), options_.clock->Read()) {}

  ~Impl() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Start() {
    if (absl::Status listening = Listen(); !listening.ok()) return listening;
    thread_ = std::thread([this] { io_.run(); });
    return absl::OkStatus();
  }

  uint16_t port() const { return options_.port; }

  // Runs `call` with the model on its thread, and waits.
  void OnModel(const std::function<void(AsteriskModel& model, const engine::Now& now)>& call) {
    absl::Notification done;
    asio::post(io_, [&] {
      call(model_, options_.clock->Read());
      Carry();
      done.Notify();
    });
    done.WaitForNotification();
  }

 private:
  struct Peer {
    std::shared_ptr<Connection> connection;
    AmiFrameParser parser{AmiFrameParser::Side::kFromClient, kAmiActionLimits};
  };

  absl::Status Listen() {
    error_code error;
    const auto address = asio::ip::make_address(options_.host, error);
    if (error) return absl::UnavailableError(absl::StrCat(options_.host, ": no address"));
    const Tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(
          absl::StrCat(options_.host, ":", options_.port, ": ", error.message()));
    }
    options_.port = acceptor_.local_endpoint(error).port();
    Accept();
    return absl::OkStatus();
  }

  void Accept() {
    acceptor_.async_accept([this](error_code error, Tcp::socket socket) {
      if (!error) Welcome(std::move(socket));
      if (acceptor_.is_open()) Accept();
    });
  }

  void Welcome(Tcp::socket socket) {
    error_code ignored;  // only slower without it
    socket.set_option(Tcp::no_delay(true), ignored);
    const SimSessionId id = next_session_++;
    Peer& peer = peers_[id];
    peer.connection = std::make_shared<Connection>(
        std::move(socket), [this, id](absl::string_view bytes) { Receive(id, bytes); });
    model_.OpenSession(id, options_.clock->Read());
    peer.connection->Start();
    Carry();
  }

  void Receive(SimSessionId id, absl::string_view bytes) {
    const engine::Now now = options_.clock->Read();
    if (bytes.empty()) {
      peers_.erase(id);
      model_.CloseSession(id, now);
      Carry();
      return;
    }
    std::vector<AmiFrame> frames;
    peers_.at(id).parser.Consume(bytes, &frames);
    for (const AmiFrame& frame : frames) model_.Receive(id, frame, now);
    Carry();
  }

  // Does what the model wants done, and plans the next wakeup.
  void Carry() {
    model_.Advance(options_.clock->Read());
    std::string wire;
    for (const SimOutput& output : model_.TakeOutputs()) {
      const auto peer = peers_.find(output.session);
      switch (output.kind) {
        case SimOutput::Kind::kBanner:
          if (peer != peers_.end()) peer->second.connection->Send(kBanner);
          break;
        case SimOutput::Kind::kMessage:
          if (peer == peers_.end()) break;
          wire.clear();
          AppendWire(*output.message, &wire);
          peer->second.connection->Send(wire);
          break;
        case SimOutput::Kind::kClose:
          if (peer == peers_.end()) break;
          peer->second.connection->Close(output.close);
          peers_.erase(peer);
          break;
        case SimOutput::Kind::kStopListening: {
          error_code ignored;
          acceptor_.close(ignored);
          break;
        }
        case SimOutput::Kind::kListen:
          listen_failed_ = !Listen().ok();
          break;
      }
    }
    for (auto& [id, peer] : peers_) peer.connection->Flush();
    Plan();
  }

  void Plan() {
    // Another process may have taken the port during a restart: try until it is free.
    if (listen_failed_) listen_failed_ = !Listen().ok();
    const engine::MonotonicTime wakeup = model_.NextWakeup();
    if (wakeup == absl::InfiniteDuration() && !listen_failed_) {
      timer_.cancel();
      return;
    }
    absl::Duration wait = absl::ZeroDuration();
    if (wakeup < absl::InfiniteDuration()) {
      wait = options_.clock->RealDuration(wakeup - options_.clock->Read().mono);
    }
    if (listen_failed_) wait = absl::Milliseconds(50);
    timer_.expires_after(absl::ToChronoNanoseconds(std::max(wait, absl::ZeroDuration())));
    timer_.async_wait([this](error_code error) {
      if (!error) Carry();
    });
  }

  SimServerOptions options_;
  asio::io_context io_{1};
  Tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  AsteriskModel model_;
  std::map<SimSessionId, Peer> peers_;
  SimSessionId next_session_ = 1;
  bool listen_failed_ = false;
  std::thread thread_;
};

SimAsteriskServer::SimAsteriskServer(SimAsteriskConfig config, SimServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(config), std::move(options))) {}

SimAsteriskServer::~SimAsteriskServer() = default;

absl::Status SimAsteriskServer::Start() { return impl_->Start(); }

uint16_t SimAsteriskServer::port() const { return impl_->port(); }

SimCounters SimAsteriskServer::Counters() {
  SimCounters counters;
  impl_->OnModel([&](AsteriskModel& model, const engine::Now&) { counters = model.Counters(); });
  return counters;
}

absl::Status SimAsteriskServer::SetFaults(const SimFaults& faults) {
  absl::Status status;
  impl_->OnModel(
      [&](AsteriskModel& model, const engine::Now&) { status = model.SetFaults(faults); });
  return status;
}

void SimAsteriskServer::DropConnections(SimClose how) {
  impl_->OnModel(
      [&](AsteriskModel& model, const engine::Now& now) { model.DropConnections(how, now); });
}

void SimAsteriskServer::Restart(const SimRestart& restart) {
  impl_->OnModel(
      [&](AsteriskModel& model, const engine::Now& now) { model.Restart(restart, now); });
}

void SimAsteriskServer::Stall(absl::Duration duration) {
  impl_->OnModel([&](AsteriskModel& model, const engine::Now& now) { model.Stall(duration, now); });
}

}  // namespace outdial::ami
