// One AMI client: its socket, its session, its node, and what waits to be written.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_client_session.h"
#include "ami_gateway/ami_listener.h"
#include "ami_gateway/ami_node_directory.h"
#include "ami_gateway/ami_node_link.h"
#include "ami_gateway/ami_stream.h"
#include "ami_gateway/ami_stream_writer.h"
#include "ami_gateway/out_call_runner.h"
#include "ami_gateway/out_event_tail.h"
#include "engine/now.h"

namespace outdial::ami {

class AmiClientConnection;

// What the clients of one listener share; outlives them all.
struct AmiClientEnvironment {
  boost::asio::io_context* io = nullptr;
  boost::asio::thread_pool* resolver_pool = nullptr;
  const AmiListenerOptions* options = nullptr;
  AmiNodeDirectory* nodes = nullptr;
  OutCallEnvironment calls;
  GatewayLog log;
};

// What a client tells its listener, on the listener's thread. OnClosed comes last, and never from
// within a call to the client.
class AmiClientObserver {
 public:
  virtual ~AmiClientObserver() = default;
  virtual void OnLoggedIn() = 0;
  virtual void OnLoginFailed(const boost::asio::ip::address& source) = 0;
  virtual void OnEventsWanted(bool wanted) = 0;
  virtual void OnWaitingBytes(size_t before, size_t now) = 0;
  virtual void OnClosed(uint64_t id, bool logged_in) = 0;
};

struct AmiClientEntry {
  uint64_t id = 0;
  boost::asio::ip::address source;
  std::string node;                          // pinned; empty: any
  boost::asio::ssl::context* tls = nullptr;  // null: none
  AmiClientOptions session;
};

// The session decides; this reads, writes and waits for it, each with a deadline. Belongs to the
// listener's thread. Shared by the listener and its own coroutines, which may need some turns of
// the loop to end.
class AmiClientConnection : public std::enable_shared_from_this<AmiClientConnection> {
 public:
  // Both must outlive the connection. Throws boost::system::system_error: OpenSSL has no memory.
  AmiClientConnection(const AmiClientEnvironment* environment, AmiClientObserver* observer,
                      boost::asio::ip::tcp::socket socket, AmiClientEntry entry);

  // Once.
  void Start();
  void OnOutEvents(const OutEventBatch& events);
  // Closes at once; what waits is thrown away, `why` is logged as a warning.
  void Drop(const std::string& why);
  // The listener ends.
  void Stop() { Close("the server stops"); }

  // For the client; none once it is closed.
  size_t waiting_bytes() const;

 private:
  using LogFields = std::vector<std::pair<std::string, std::string>>;

  // ---- Coroutines
  void Spawn(boost::asio::awaitable<void> coroutine, std::shared_ptr<AmiNodeLink> link = nullptr);
  void OnCoroutineEnd(const std::exception_ptr& thrown);
  boost::asio::awaitable<void> Serve();
  boost::asio::awaitable<void> ReadLoop();
  boost::asio::awaitable<void> WriteLoop();
  boost::asio::awaitable<void> TimerLoop();

  // ---- What comes in
  void OnTime(const engine::Now& now);
  void OnEndOfClient();
  void OnNodeLost();
  void OnCallBytes(const std::string& bytes, bool complete);

  // ---- What the session wants
  void Apply(AmiClientOutput output);
  void ConnectNode();
  void StartCall(OutCall call);
  void NoteLogin(const std::string& username);

  // ---- The end: End lets what waits be written, Close does not.
  void End(const std::string& why);
  void Close(const std::string& why);

  // Whatever may go on now goes on, and the timer is set for the next deadline.
  void Proceed();
  bool MayRead() const;
  void FinishNodeAfterClient();
  void TellEventsWanted();
  void TellWaiting();
  engine::MonotonicTime NextDeadline() const;
  void Log(const char* level, const char* name, LogFields fields) const;

  const AmiClientEnvironment& environment_;
  const AmiListenerOptions& options_;
  AmiClientObserver* const observer_;
  AmiClientEntry entry_;
  AmiStream stream_;
  AmiStreamWriter writer_;
  std::optional<AmiClientSession> session_;  // after the TLS handshake
  std::shared_ptr<AmiNodeLink> link_;        // shared with its coroutines
  std::optional<OutCallRunner> call_;
  bool page_due_ = false;  // the call has more, to be asked for when the client has taken enough

  int coroutines_ = 0;
  bool reader_waits_ = false;  // for MayRead
  bool client_ended_ = false;  // it sends nothing more, and may still read
  bool ended_ = false;
  bool closed_ = false;
  bool logged_in_ = false;
  std::string login_;
  std::string why_;  // it ended

  bool told_wanted_ = false;
  size_t told_waiting_ = 0;
  // Of what has no deadline of its own: handshake, half-closed, lingering.
  engine::MonotonicTime own_deadline_ = absl::InfiniteDuration();
  engine::MonotonicTime armed_ = absl::InfiniteDuration();
  boost::asio::steady_timer read_wake_;  // never expires
  boost::asio::steady_timer deadline_timer_;
};

}  // namespace outdial::ami
