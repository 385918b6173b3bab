#include "tests/bench/scripted_asterisk.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/check.h"

namespace outdial::bench {
namespace {

constexpr absl::string_view kEnd = "\r\n\r\n";

sockaddr_in Loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int Listen() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback();
  OUTDIAL_CHECK(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
                    listen(listener, 1) == 0,
                "a port can be listened on");
  return listener;
}

// False: the peer left.
bool SendAll(int connection, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

absl::string_view Value(absl::string_view action, absl::string_view name) {
  const size_t at = action.find(name);
  if (at == absl::string_view::npos) return "";
  const absl::string_view value = action.substr(at + name.size());
  return value.substr(0, value.find('\r'));
}

}  // namespace

ScriptedAsterisk::ScriptedAsterisk(const RecordedCall* call)
    : call_(call), listener_(Listen()), thread_([this] { Serve(); }) {}

// The connection has ended by then: the server that it belongs to has.
ScriptedAsterisk::~ScriptedAsterisk() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

uint16_t ScriptedAsterisk::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void ScriptedAsterisk::Serve() {
  const int connection = accept(listener_, nullptr, nullptr);
  if (connection < 0) return;  // nobody came
  const int one = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  bool open = SendAll(connection, "Asterisk Call Manager/11.0.0\r\n");
  std::string unread;
  std::vector<char> buffer(size_t{1} << 16);
  while (open) {
    const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    unread.append(buffer.data(), static_cast<size_t>(got));
    std::string answers;
    absl::string_view rest = unread;
    for (size_t end; (end = rest.find(kEnd)) != absl::string_view::npos;) {
      absl::StrAppend(&answers, AnswerTo(rest.substr(0, end + 2)));
      rest.remove_prefix(end + kEnd.size());
    }
    unread = std::string(rest);
    open = SendAll(connection, answers);
  }
  close(connection);
}

std::string ScriptedAsterisk::AnswerTo(absl::string_view action) const {
  const absl::string_view name = Value(action, "Action: "), id = Value(action, "ActionID: ");
  if (name == "Originate") return call_->Text(id, Value(action, "ChannelId: "));
  const std::string success = absl::StrCat("Response: Success\r\nActionID: ", id, "\r\n");
  if (name == "Login") {
    return absl::StrCat(success, kEnd.substr(2), "Event: FullyBooted\r\nUptime: 1", kEnd);
  }
  if (name == "ListCommands") {
    return absl::StrCat(success, "Originate: o\r\nHangup: h\r\nCoreShowChannels: c", kEnd);
  }
  if (name == "CoreShowChannels") {
    return absl::StrCat(success, "EventList: start", kEnd, "Event: CoreShowChannelsComplete\r\n",
                        "ActionID: ", id, "\r\nEventList: Complete\r\nListItems: 0", kEnd);
  }
  return absl::StrCat(success, "Ping: Pong", kEnd);
}

}  // namespace outdial::bench
