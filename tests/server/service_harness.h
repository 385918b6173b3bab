// The gRPC front on a free port of loopback, over a FakeStore, with a thread in place of the loop
// that answers actions as the test says.
#pragma once

#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "server/backup_maker.h"
#include "server/control_plane.h"
#include "server/event_feed.h"
#include "server/grpc_front.h"
#include "server/metrics.h"
#include "server/open_imports.h"
#include "server/open_shows.h"
#include "server/status_board.h"
#include "tests/server/fake_store.h"

namespace outdial::server {

class ServiceHarness {
 public:
  using Answer = std::function<absl::StatusOr<engine::ActionResult>(const engine::Action&)>;

  // With an empty `answer`, actions are taken and never answered until Shutdown.
  explicit ServiceHarness(Answer answer = nullptr, std::vector<std::string> tokens = {})
      : gate_(std::move(tokens), &metrics_), answer_(std::move(answer)) {}
  ~ServiceHarness() { Shutdown(); }

  void Start() {
    feed_ = std::make_unique<EventFeed>(&store, store.LastEvent(), &metrics_);
    ServiceDeps deps{&gate_, &control_, &store, &board, feed_.get(), &imports_, &shows, &backups_};
    Config config;
    config.listen = {"127.0.0.1", 0};
    auto front = GrpcFront::Start(config, deps);
    ASSERT_TRUE(front.ok()) << front.status();
    front_ = *std::move(front);
    loop_ = std::thread([this] { AnswerActions(); });
    channel = NewChannel();
  }

  std::shared_ptr<grpc::Channel> NewChannel() {
    grpc::ChannelArguments arguments;
    // Each test, and each client in it, has a connection of its own.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxSendMessageSize(-1);
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(front_->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  // Events that the loop made durable.
  void PublishEvents(size_t count, size_t detail_bytes = 10) {
    feed_->Publish(store.AddEvents(count, detail_bytes));
  }

  EventFeed& feed() { return *feed_; }

  // As a daemon drains.
  void Drain() {
    gate_.Drain();
    feed_->Close();
    imports_.Drain();
  }

  size_t open_imports() { return imports_.size(); }
  // As a daemon does now and then.
  void EndStalledImports(engine::MonotonicTime now) { imports_.EndStalled(now); }

  void Shutdown() {
    if (front_ == nullptr) return;
    Drain();
    control_.Close(CallGate::DrainStatus());
    front_->Shutdown(absl::Seconds(5));
    stop_ = true;
    inbox_.Wake();
    loop_.join();
    front_.reset();
  }

  GrpcFront& front() { return *front_; }
  size_t waiting_actions() const { return inbox_.size(); }

  FakeStore store;
  // What makes a backup of the store.
  BackupMaker::Make make_backup;
  StatusBoard board{{}};
  OpenShows shows;
  std::shared_ptr<grpc::Channel> channel;

 private:
  void AnswerActions() {
    while (!stop_) {
      for (engine::Input& input : inbox_.Take(100, absl::InfiniteDuration())) {
        auto* action = std::get_if<engine::ClientAction>(&input);
        if (action == nullptr || !answer_) continue;
        control_.Deliver({action->ticket, answer_(action->action)});
      }
    }
  }

  Metrics metrics_;
  Inbox inbox_;
  ControlPlane control_{&inbox_};
  CallGate gate_;
  OpenImports imports_;
  BackupMaker backups_{"/backups",
                       [this](const std::string& directory) { return make_backup(directory); }};
  Answer answer_;
  std::unique_ptr<EventFeed> feed_;
  std::unique_ptr<GrpcFront> front_;
  std::atomic<bool> stop_ = false;
  std::thread loop_;
};

}  // namespace outdial::server
