#include "ami_gateway/ami_gateway.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <thread>
#include <utility>

#include "ami_gateway/asterisk_node.h"

namespace outdial::ami {

namespace asio = boost::asio;

class AmiGateway::Impl {
 public:
  Impl(GatewayOptions options, std::function<void(engine::NodeEvent)> on_event, GatewayLog log)
      : options_(std::move(options)), on_event_(std::move(on_event)), log_(std::move(log)) {
    uint64_t seed = options_.seed;
    for (const NodeAddress& address : options_.nodes) {
      nodes_.try_emplace(address.name, io_.get_executor(), address, options_, seed++, on_event_,
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

  void Send(engine::NodeCommand command) {
    asio::post(io_, [this, command = std::move(command)] { Deliver(command); });
  }

 private:
  void Deliver(const engine::NodeCommand& command) {
    if (const auto node = nodes_.find(command.node); node != nodes_.end()) {
      return node->second.Command(command);
    }
    // A dialing may name a node that the configuration no longer has.
    if (const auto* originate = std::get_if<engine::Originate>(&command.command)) {
      on_event_({command.node, engine::OriginateUnsent{originate->dialing}});
    }
  }

  const GatewayOptions options_;
  const std::function<void(engine::NodeEvent)> on_event_;
  const GatewayLog log_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::map<std::string, AsteriskNode> nodes_;  // unchanged after the constructor
  std::thread thread_;
};

AmiGateway::AmiGateway(GatewayOptions options, std::function<void(engine::NodeEvent)> on_event,
                       GatewayLog log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(on_event), std::move(log))) {}

AmiGateway::~AmiGateway() = default;

void AmiGateway::Start() { impl_->Start(); }

void AmiGateway::Send(const engine::NodeCommand& command) { impl_->Send(command); }

}  // namespace outdial::ami
