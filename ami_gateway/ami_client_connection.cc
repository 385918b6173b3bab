#include "ami_gateway/ami_client_connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_read_buffer.h"
#include "ami_gateway/exception_text.h"
#include "ami_gateway/system_now.h"

namespace outdial::ami {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
// While more than this waits, in either direction, nothing is read from the client, nor the next
// page of a list from the store.
constexpr size_t kPauseBytes = 256 * 1024;
// How long a client may take to close after it got the last bytes. Closing before it does would
// throw those away if it has sent anything since.
constexpr absl::Duration kLinger = absl::Seconds(1);
constexpr char kClientClosed[] = "the client closed the connection";

// The client closed its side in an orderly way, or as orderly as many do with TLS.
bool IsEndOfStream(const AmiStream::ErrorCode& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

}  // namespace

AmiClientConnection::AmiClientConnection(const AmiClientEnvironment* environment,
                                         AmiClientObserver* observer, asio::ip::tcp::socket socket,
                                         AmiClientEntry entry)
    : environment_(*environment),
      options_(*environment->options),
      observer_(observer),
      entry_(std::move(entry)),
      stream_(std::move(socket), entry_.tls),
      writer_(environment->io->get_executor(), &stream_, options_.write_timeout,
              [this] { Proceed(); }),
      read_wake_(*environment->io, asio::steady_timer::time_point::max()),
      deadline_timer_(*environment->io) {}

void AmiClientConnection::Start() {
  Log("debug", "ami_client_connected", {{"tls", entry_.tls != nullptr ? "1" : "0"}});
  own_deadline_ = MonotonicNow() + options_.auth_timeout;
  Spawn(Serve());
  Spawn(TimerLoop());
}

// ---- Coroutines

void AmiClientConnection::Spawn(awaitable<void> coroutine, std::shared_ptr<AmiNodeLink> link) {
  ++coroutines_;
  asio::co_spawn(*environment_.io, std::move(coroutine),
                 [self = shared_from_this(), link](const std::exception_ptr& thrown) {
                   self->OnCoroutineEnd(thrown);
                 });
}

void AmiClientConnection::OnCoroutineEnd(const std::exception_ptr& thrown) {
  if (thrown) {
    Log("error", "ami_client_failed", {{"why", ExceptionText(thrown)}});
    Close("internal error");
  }
  if (--coroutines_ == 0) observer_->OnClosed(entry_.id, logged_in_);
}

awaitable<void> AmiClientConnection::Serve() {
  const absl::Status secured = co_await stream_.Handshake();
  if (!secured.ok()) co_return Close(std::string(secured.message()));
  if (closed_) co_return;
  const engine::Now now = SystemNow();
  entry_.session.auth_timeout = own_deadline_ - now.mono;  // the handshake's time counts
  own_deadline_ = absl::InfiniteDuration();
  session_.emplace(std::move(entry_.session), now);
  Spawn(WriteLoop());
  Apply(session_->Start(now));
  co_await ReadLoop();
}

awaitable<void> AmiClientConnection::ReadLoop() {
  AmiReadBuffer buffer;
  while (!closed_) {
    reader_waits_ = !MayRead();
    if (reader_waits_) {
      co_await read_wake_.async_wait(kAwait);
      continue;
    }
    const auto [error, size] = co_await stream_.Read(buffer.space());
    if (closed_) co_return;
    if (error && (ended_ || !IsEndOfStream(error))) co_return Close(kClientClosed);
    if (error) co_return OnEndOfClient();
    if (ended_) continue;  // nobody listens any more
    Apply(session_->OnClientBytes(buffer.Filled(size), SystemNow()));
    buffer.Adapt(size);
  }
}

awaitable<void> AmiClientConnection::WriteLoop() {
  const AmiStream::ErrorCode error = co_await writer_.Run();
  if (closed_) co_return;
  if (error) co_return Close(kClientClosed);
  if (client_ended_) co_return Close(why_);
  own_deadline_ = MonotonicNow() + kLinger;
  Proceed();
  co_await stream_.FinishWriting();
}

awaitable<void> AmiClientConnection::TimerLoop() {
  while (!closed_) {
    armed_ = NextDeadline();
    deadline_timer_.expires_at(ToSteadyTime(armed_));
    co_await deadline_timer_.async_wait(kAwait);
    if (!closed_) OnTime(SystemNow());
  }
}

// ---- What comes in

void AmiClientConnection::OnTime(const engine::Now& now) {
  if (own_deadline_ <= now.mono) {
    return Close(ended_ ? why_ : client_ended_ ? kClientClosed : "no TLS handshake in time");
  }
  if (writer_.deadline() <= now.mono) {
    return Drop(absl::StrCat("it read nothing for ", absl::FormatDuration(options_.write_timeout)));
  }
  if (ended_) return;
  if (link_ != nullptr && link_->deadline() <= now.mono) link_->OnTime(now.mono);
  if (!ended_ && session_.has_value() && session_->NextDeadline() <= now.mono) {
    Apply(session_->OnTime(now));
  }
}

void AmiClientConnection::OnEndOfClient() {
  // A client may send all its actions, close its side and read the answers.
  client_ended_ = true;
  own_deadline_ = MonotonicNow() + options_.write_timeout;
  Proceed();
}

void AmiClientConnection::OnNodeLost() {
  Log("debug", "ami_client_node_lost", {{"why", link_->why()}});
  Apply(session_->OnNodeLost(SystemNow()));
}

void AmiClientConnection::OnCallBytes(const std::string& bytes, bool complete) {
  page_due_ = !complete;
  if (complete) call_.reset();
  Apply(session_->OnCallBytes(bytes, complete, SystemNow()));
}

void AmiClientConnection::OnOutEvents(const OutEventBatch& events) {
  if (!told_wanted_) return;
  const engine::Now now = SystemNow();
  for (const std::string& event : events) {
    if (ended_) return;
    Apply(session_->OnOutEvent(event, now));
  }
}

// ---- What the session wants

void AmiClientConnection::Apply(AmiClientOutput output) {
  if (ended_) return;
  writer_.Add(output.to_client);
  if (waiting_bytes() > options_.max_waiting_bytes) return Drop("it reads too slowly");
  if (link_ != nullptr) link_->Send(output.to_node);
  if (output.connect_node) ConnectNode();
  if (output.learned_banner.has_value() && link_ != nullptr) {
    environment_.nodes->LearnBanner(link_->node(), *output.learned_banner);
  }
  if (output.call.has_value()) StartCall(*std::move(output.call));
  if (output.login_failed.has_value()) {
    Log("info", "ami_login_failed", {{"login", *output.login_failed}});
    observer_->OnLoginFailed(entry_.source);
  }
  if (output.logged_in.has_value()) NoteLogin(*output.logged_in);
  if (output.close.has_value()) return End(*output.close);
  Proceed();
}

void AmiClientConnection::ConnectNode() {
  if (link_ != nullptr) link_->Stop();
  link_ = std::make_shared<AmiNodeLink>(
      environment_.io->get_executor(), environment_.resolver_pool,
      AmiNodeLinkOptions{environment_.nodes->Candidates(entry_.node), options_.node_connect_timeout,
                         options_.write_timeout},
      AmiNodeLink::Callbacks{
          .on_connected =
              [this] {
                Spawn(link_->Write(), link_);
                Log("debug", "ami_client_node_connected", {{"node", link_->node()}});
                Apply(session_->OnNodeConnected(SystemNow()));
              },
          .on_bytes =
              [this](absl::string_view bytes) { Apply(session_->OnNodeBytes(bytes, SystemNow())); },
          .on_progress = [this] { Proceed(); },
          .on_lost = [this] { OnNodeLost(); }});
  Spawn(link_->Run(), link_);
}

void AmiClientConnection::StartCall(OutCall call) {
  call_.emplace(environment_.calls, std::move(call),
                [this](const std::string& bytes, bool complete) { OnCallBytes(bytes, complete); });
  call_->Next();
}

void AmiClientConnection::NoteLogin(const std::string& username) {
  login_ = username;
  logged_in_ = true;
  LogFields fields;
  if (link_ != nullptr) fields.emplace_back("node", link_->node());
  Log("info", "ami_client_logged_in", std::move(fields));
  observer_->OnLoggedIn();
}

// ---- The end

void AmiClientConnection::End(const std::string& why) {
  if (ended_) return;
  ended_ = true;
  why_ = client_ended_ ? kClientClosed : why;
  call_.reset();
  if (link_ != nullptr) link_->Stop();
  writer_.Finish();
  // Who never logged in holds a place that others want: it can't keep that by reading slowly.
  own_deadline_ = logged_in_ ? absl::InfiniteDuration() : MonotonicNow() + kLinger;
  Proceed();
}

void AmiClientConnection::Drop(const std::string& why) {
  if (closed_) return;
  Log("warning", "ami_client_dropped",
      {{"why", why}, {"waiting_bytes", absl::StrCat(waiting_bytes())}});
  stream_.Abort();
  Close(why);
}

void AmiClientConnection::Close(const std::string& why) {
  if (closed_) return;
  End(why);
  closed_ = true;
  stream_.Close();
  writer_.Stop();
  TellWaiting();
  read_wake_.cancel();
  deadline_timer_.cancel();
  Log(logged_in_ ? "info" : "debug", "ami_client_closed", {{"why", why_}});
}

// ---- State

void AmiClientConnection::Proceed() {
  TellWaiting();
  TellEventsWanted();
  if (closed_) return;
  if (page_due_ && call_.has_value() && writer_.waiting_bytes() < kPauseBytes) {
    page_due_ = false;
    call_->Next();
  }
  if (reader_waits_ && MayRead()) read_wake_.cancel();
  // A burst that comes faster than the client takes it waits in Asterisk, as it would without
  // Outdial, and Asterisk judges how long.
  if (link_ != nullptr) link_->Pause(writer_.waiting_bytes() > options_.max_waiting_bytes / 2);
  if (client_ended_) FinishNodeAfterClient();
  if (NextDeadline() < armed_) deadline_timer_.cancel();
}

bool AmiClientConnection::MayRead() const {
  if (ended_) return true;
  return session_->wants_client_bytes() && writer_.waiting_bytes() < kPauseBytes &&
         (link_ == nullptr || link_->waiting_bytes() < kPauseBytes);
}

size_t AmiClientConnection::waiting_bytes() const {
  if (closed_) return 0;
  return writer_.waiting_bytes() + (session_.has_value() ? session_->waiting_bytes() : 0);
}

void AmiClientConnection::FinishNodeAfterClient() {
  if (ended_ || call_.has_value() || !session_->wants_client_bytes()) return;
  // The node answers what it got, and then closes in its turn.
  if (link_ != nullptr) return link_->FinishWriting();
  End(kClientClosed);
}

void AmiClientConnection::TellEventsWanted() {
  const bool wanted = !ended_ && session_.has_value() && session_->wants_out_events();
  if (wanted == std::exchange(told_wanted_, wanted)) return;
  observer_->OnEventsWanted(wanted);
}

void AmiClientConnection::TellWaiting() {
  const size_t now = waiting_bytes();
  const size_t before = std::exchange(told_waiting_, now);
  if (before != now) observer_->OnWaitingBytes(before, now);
}

engine::MonotonicTime AmiClientConnection::NextDeadline() const {
  engine::MonotonicTime next = std::min(own_deadline_, writer_.deadline());
  if (ended_) return next;
  if (link_ != nullptr) next = std::min(next, link_->deadline());
  if (session_.has_value()) next = std::min(next, session_->NextDeadline());
  return next;
}

void AmiClientConnection::Log(const char* level, const char* name, LogFields fields) const {
  if (!login_.empty()) fields.insert(fields.begin(), {"login", login_});
  fields.insert(fields.begin(), {"source", entry_.source.to_string()});
  environment_.log(level, name, fields);
}

}  // namespace outdial::ami
