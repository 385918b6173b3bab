// The real gRPC front over a store, for what is read and followed; nothing changes it but the
// bench.
#pragma once

#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "server/backup_maker.h"
#include "server/call_gate.h"
#include "server/control_plane.h"
#include "server/event_feed.h"
#include "server/grpc_front.h"
#include "server/metrics.h"
#include "server/open_imports.h"
#include "server/open_shows.h"
#include "server/run_loop.h"
#include "server/status_board.h"
#include "storage/record_store.h"

namespace outdial::bench {

// Starts and ends with the object. Thread-safe. What fails ends the process.
class ReadServer {
 public:
  // `store` must outlive the server.
  explicit ReadServer(storage::StoreReader* store);
  ~ReadServer();
  ReadServer(const ReadServer&) = delete;
  ReadServer& operator=(const ReadServer&) = delete;

  std::string address() const;
  server::EventFeed& feed() { return feed_; }

 private:
  server::Metrics metrics_;
  server::Inbox inbox_;
  server::ControlPlane control_{&inbox_};
  server::CallGate gate_{{}, &metrics_};
  server::OpenImports imports_;
  server::OpenShows shows_;
  server::StatusBoard board_{{}};
  server::BackupMaker backups_{"", nullptr};
  server::EventFeed feed_;
  std::unique_ptr<server::GrpcFront> front_;
};

// A channel with a connection of its own.
std::shared_ptr<grpc::Channel> NewConnection(const std::string& address);

}  // namespace outdial::bench
