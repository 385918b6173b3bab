#include "ami_gateway/ami_gateway.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "ami_gateway/asterisk_node.h"

namespace outdial::ami {

namespace asio = boost::asio;

class AmiGateway::Impl {
 public:
  Impl(GatewayOptions options, NodeEventSink on_events, GatewayLog log)
      : options_(std::move(options)), on_events_(std::move(on_events)), log_(std::move(log)) {
    uint64_t seed = options_.seed;
    for (const NodeAddress& address : options_.nodes) {
      nodes_.try_emplace(address.name, io_.get_executor(), address, options_, seed++, on_events_,
                         log_);
    }
  }

  ~Impl() {
    asio::post(io_, [this] {
      for (auto& [name, node] : nodes_) node.Stop();
    });
    work_.reset();
    if (thread_.joinable()) thread_.join();
  }

  void Start() {
    for (auto& [name, node] : nodes_) asio::co_spawn(io_, node.Run(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }

  void Send(engine::NodeCommand command) ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      absl::MutexLock lock(&mutex_);
      commands_.push_back(std::move(command));
      if (std::exchange(delivering_, true)) return;
    }
    asio::post(io_, [this] { DeliverAll(); });
  }

 private:
  void DeliverAll() ABSL_LOCKS_EXCLUDED(mutex_) {
    std::vector<engine::NodeCommand> commands;
    while (TakeCommands(&commands)) {
      for (const engine::NodeCommand& command : commands) Deliver(command);
    }
  }
  // False: there are none, and the next one posts DeliverAll again.
  bool TakeCommands(std::vector<engine::NodeCommand>* commands) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    commands->clear();
    commands->swap(commands_);
    delivering_ = !commands->empty();
    return delivering_;
  }
  void Deliver(const engine::NodeCommand& command) {
    if (const auto node = nodes_.find(command.node); node != nodes_.end()) {
      return node->second.Command(command);
    }
    // A dialing may name a node that the configuration no longer has.
    if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
      on_events_({{command.node, engine::OriginateUnsent{originate->dialing}}});
    }
  }

  const GatewayOptions options_;
  const NodeEventSink on_events_;
  const GatewayLog log_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::map<std::string, AsteriskNode> nodes_;  // unchanged after the constructor
  absl::Mutex mutex_;
  bool delivering_ ABSL_GUARDED_BY(mutex_) = false;  // DeliverAll is posted or runs
  std::vector<engine::NodeCommand> commands_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

AmiGateway::AmiGateway(GatewayOptions options, NodeEventSink on_events, GatewayLog log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(on_events), std::move(log))) {}

AmiGateway::~AmiGateway() = default;

void AmiGateway::Start() { impl_->Start(); }

void AmiGateway::Send(const engine::NodeCommand& command) { impl_->Send(command); }

}  // namespace outdial::ami
