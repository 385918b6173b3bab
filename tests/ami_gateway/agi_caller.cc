#include "tests/ami_gateway/agi_caller.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

constexpr int kPatienceMs = 10'000;

}  // namespace

// ---- The caller

AgiCaller::AgiCaller(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
}

AgiCaller::~AgiCaller() { close(fd_); }

void AgiCaller::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    pollfd waiting{fd_, POLLOUT, 0};
    ASSERT_EQ(poll(&waiting, 1, kPatienceMs), 1) << "the listener reads nothing";
    const ssize_t size = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) return;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

void AgiCaller::Ask(absl::string_view path, const std::vector<std::string>& arguments) {
  std::string request =
      absl::StrCat("agi_network: yes\nagi_network_script: ", path, "\nagi_request: agi://host/",
                   path, "\nagi_channel: PJSIP/trunk-00000001\nagi_uniqueid: node1-1.1\n");
  for (size_t i = 0; i < arguments.size(); ++i) {
    absl::StrAppend(&request, "agi_arg_", i + 1, ": ", arguments[i], "\n");
  }
  Write(request + "\n");
}

std::string AgiCaller::ReadLine() {
  while (received_.find('\n') == std::string::npos) {
    if (!ReadSome()) return "";
  }
  const size_t end = received_.find('\n');
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

std::string AgiCaller::ReadVariable(absl::string_view name, absl::string_view reply) {
  const std::string line = ReadLine();
  absl::string_view value = line;
  EXPECT_TRUE(absl::ConsumePrefix(&value, absl::StrCat("SET VARIABLE ", name, " \"")) &&
              absl::ConsumeSuffix(&value, "\""))
      << line;
  Write(reply);
  return std::string(value);
}

void AgiCaller::EndSending() { shutdown(fd_, SHUT_WR); }

bool AgiCaller::IsClosed(absl::Duration patience) {
  pollfd waiting{fd_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) != 1) return false;
  char byte;
  return recv(fd_, &byte, 1, MSG_PEEK) <= 0;
}

std::string AgiCaller::ReadToEnd() {
  while (ReadSome()) {
  }
  return std::exchange(received_, "");
}

bool AgiCaller::ReadSome() {
  pollfd waiting{fd_, POLLIN, 0};
  if (poll(&waiting, 1, kPatienceMs) != 1) {
    ADD_FAILURE() << "the listener neither says anything nor closes";
    return false;
  }
  char buffer[4096];
  const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
  if (size <= 0) return false;
  received_.append(buffer, static_cast<size_t>(size));
  return true;
}

// ---- The server

void HoldingBackend::Post(engine::Action action, Done done) {
  const absl::MutexLock lock(&mutex_);
  waiting_.push_back({std::move(action), std::move(done)});
  ++posted_;
}

HoldingBackend::Posted HoldingBackend::Take() {
  const absl::MutexLock lock(&mutex_);
  const auto is_there = [this]()
                            ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !waiting_.empty(); };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&is_there), absl::Milliseconds(kPatienceMs))) {
    ADD_FAILURE() << "nothing was posted";
    return {{}, [](const auto&) {}};
  }
  Posted posted = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return posted;
}

size_t HoldingBackend::posted() const {
  const absl::MutexLock lock(&mutex_);
  return posted_;
}

absl::StatusOr<std::unique_ptr<OutPages>> HoldingBackend::Show(const google::protobuf::Message&) {
  return absl::UnimplementedError("the dialplan door shows nothing");
}

absl::StatusOr<std::vector<v1::Event>> HoldingBackend::Events(uint64_t, size_t) {
  return absl::UnimplementedError("the dialplan door reads no events");
}

// ---- The log

void LogRecord::Add(const std::string& level, const std::string& name, const Fields& fields) {
  std::string line = absl::StrCat(level, " ", name);
  for (const auto& [key, value] : fields) absl::StrAppend(&line, " ", key, "=", value);
  const absl::MutexLock lock(&mutex_);
  lines_.emplace_back(name, line);
}

std::string LogRecord::Wait(const std::string& name) {
  const absl::MutexLock lock(&mutex_);
  std::string line;
  const auto is_there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = std::find_if(lines_.begin(), lines_.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found != lines_.end()) line = found->second;
    return found != lines_.end();
  };
  EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&is_there), absl::Milliseconds(kPatienceMs)))
      << "not logged: " << name;
  return line;
}

}  // namespace outdial::ami
