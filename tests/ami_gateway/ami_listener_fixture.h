// A listener with a fake server behind it, and the simulated Asterisk where a test wants one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_listener.h"
#include "ami_gateway/sim_asterisk_server.h"
#include "ami_gateway/sim_clock.h"
#include "gtest/gtest.h"
#include "tests/ami_gateway/ami_probe.h"
#include "tests/ami_gateway/fake_out_backend.h"

namespace outdial::ami {

// Log lines as `level name key=value ...`. Thread-safe.
class LoggedLines {
 public:
  GatewayLog Sink() {
    return [this](const std::string& level, const std::string& name, const auto& fields) {
      std::string line = absl::StrCat(level, " ", name);
      for (const auto& [key, value] : fields) absl::StrAppend(&line, " ", key, "=", value);
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
      logged_.notify_all();
    };
  }

  // The `count`th line that holds `text`; empty, and a failed test, when it doesn't come.
  std::string Wait(const std::string& text, size_t count = 1) {
    std::unique_lock lock(mutex_);
    std::string found;
    const bool came = logged_.wait_for(lock, std::chrono::seconds(20), [&] {
      size_t left = count;
      for (const std::string& line : lines_) {
        if (absl::StrContains(line, text) && --left == 0) found = line;
      }
      return !found.empty();
    });
    EXPECT_TRUE(came) << "never logged: " << text;
    return found;
  }

  void Clear() {
    const std::lock_guard lock(mutex_);
    lines_.clear();
  }

  size_t Count(const std::string& text) {
    const std::lock_guard lock(mutex_);
    size_t count = 0;
    for (const std::string& line : lines_) count += absl::StrContains(line, text) ? 1 : 0;
    return count;
  }

 private:
  std::mutex mutex_;
  std::condition_variable logged_;
  std::vector<std::string> lines_;
};

class AmiListenerFixture : public ::testing::Test {
 protected:
  static constexpr char kUser[] = "wallboard";
  static constexpr char kSecret[] = "hunter2";

  void TearDown() override {
    listener_.reset();
    EXPECT_EQ(lines_.Count("error "), 0u);
  }

  void UseStandaloneUsers() {
    options_.users = {{kUser, kSecret, kAmiAllClasses, kAmiAllClasses},
                      {"blind", kSecret, /*read=*/0, /*write=*/0}};
  }

  // An Asterisk that has the same user, as node `name`; the user may use and see all of Outdial.
  SimAsteriskServer& AddAsterisk(const std::string& name) {
    SimAsteriskConfig config;
    config.users = {{.name = kUser, .secret = kSecret}, {.name = "guest", .secret = kSecret}};
    SimAsteriskServer& server = *asterisks_.emplace_back(
        std::make_unique<SimAsteriskServer>(config, SimServerOptions{.clock = &clock_}));
    EXPECT_TRUE(server.Start().ok());
    AddNode(name, server.port());
    options_.access = {{.logins = {"WallBoard"}, .networks = {}, .use = true, .see = true}};
    return server;
  }

  void AddNode(const std::string& name, uint16_t port) {
    NodeAddress node;
    node.name = name;
    node.host = "127.0.0.1";
    node.port = port;
    options_.nodes.push_back(node);
  }

  absl::Status TryStart() {
    if (options_.listen.empty()) options_.listen.emplace_back();
    listener_.emplace(options_, &backend_, lines_.Sink());
    backend_.OnPublish([this](uint64_t last) { listener_->Publish(last); });
    return listener_->Start();
  }
  void Start() {
    const absl::Status status = TryStart();
    ASSERT_TRUE(status.ok()) << status;
  }

  uint16_t port(size_t address = 0) const { return listener_->ports()[address]; }

  static AmiMessage LoginAction(const std::string& user = kUser,
                                const std::string& secret = kSecret) {
    return {{"Action", "Login"}, {"ActionID", "login"}, {"Username", user}, {"Secret", secret}};
  }
  static AmiMessage CreatePlan(const std::string& action_id) {
    return {{"Action", "OutPlanCreate"}, {"ActionID", action_id}, {"Name", "evening"}};
  }

  std::unique_ptr<AmiProbe> Connect(size_t address = 0) {
    return std::make_unique<AmiProbe>("127.0.0.1", port(address));
  }
  std::unique_ptr<AmiProbe> LogIn(size_t address = 0, const std::string& user = kUser) {
    std::unique_ptr<AmiProbe> client = Connect(address);
    EXPECT_EQ(client->Ask(LoginAction(user)).Get("Response"), "Success");
    return client;
  }

  // Each answer is behind all that the listener had sent before.
  static void Ping(AmiProbe* client, const std::string& action_id) {
    EXPECT_EQ(client->Ask({{"Action", "Ping"}, {"ActionID", action_id}}).Get("Ping"), "Pong");
  }

  SimClock clock_{1.0};
  LoggedLines lines_;
  FakeOutBackend backend_;
  AmiListenerOptions options_;
  std::vector<std::unique_ptr<SimAsteriskServer>> asterisks_;
  std::optional<AmiListener> listener_;  // after what it uses
};

}  // namespace outdial::ami
