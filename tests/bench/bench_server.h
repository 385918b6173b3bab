// The real server, from gRPC on loopback down to RocksDB; only the node is the bench's own: each
// line is busy at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "engine/ports.h"
#include "grpcpp/channel.h"
#include "server/backup_maker.h"
#include "server/call_gate.h"
#include "server/clock.h"
#include "server/control_plane.h"
#include "server/event_feed.h"
#include "server/grpc_front.h"
#include "server/metrics.h"
#include "server/open_imports.h"
#include "server/open_shows.h"
#include "server/run_loop.h"
#include "server/status_board.h"
#include "server/zone_lookup.h"
#include "storage/record_store.h"

namespace outdial::bench {

// A node on which every line is busy. Send belongs to the loop's thread, the rest to any.
class BusyNode : public engine::NodeTransport {
 public:
  static constexpr char kName[] = "a";

  explicit BusyNode(server::Inbox* inbox) : inbox_(inbox) {}
  void Send(const engine::NodeCommand& command) override;

  // Calls so far, and the longest time between two of them, since the last time this was asked.
  struct Calls {
    uint64_t count = 0;
    absl::Duration longest_gap;
  };
  Calls Take() ABSL_LOCKS_EXCLUDED(mutex_);
  void Tell(engine::NodeFact fact);

 private:
  server::Inbox* const inbox_;
  absl::Mutex mutex_;
  Calls calls_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Duration> last_ ABSL_GUARDED_BY(mutex_);
};

// Starts and ends with the object; what fails ends the process. The store stays where it is.
class BenchServer {
 public:
  // A server that dials with `calls_at_once`, on the store in `directory`, which is made when it
  // isn't there. `record_batches_to`: a file for all that is committed; empty: none.
  BenchServer(const std::string& directory, int calls_at_once,
              const std::string& record_batches_to = "");
  ~BenchServer();
  BenchServer(const BenchServer&) = delete;
  BenchServer& operator=(const BenchServer&) = delete;

  std::string address() const;
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }
  // Uuid of a new list.
  std::string MakeList();
  void DeleteList(const std::string& dlma);
  // Starts a campaign on the list, which dials in a row whatever the list holds.
  void StartCampaign(const std::string& dlma);
  BusyNode& node() { return node_; }

 private:
  void OpenStore(const std::string& directory, const std::string& record_batches_to);
  void StartLoop(int calls_at_once);
  void StartFront();

  server::Metrics metrics_;
  server::SystemClock clock_;
  server::SystemZones zones_;
  server::Inbox inbox_;
  server::ControlPlane control_{&inbox_};
  server::CallGate gate_{{}, &metrics_};
  server::OpenImports imports_;
  server::OpenShows shows_;
  server::StatusBoard board_{{}};
  server::BackupMaker backups_{"/nowhere", nullptr};
  BusyNode node_{&inbox_};
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<server::EventFeed> feed_;
  std::unique_ptr<server::RunLoop> loop_;
  std::unique_ptr<server::GrpcFront> front_;
  std::shared_ptr<grpc::Channel> channel_;
  std::atomic<bool> stop_ = false;
  std::thread loop_thread_;
};

}  // namespace outdial::bench
