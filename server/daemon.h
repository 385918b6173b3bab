// The whole server in one object: store, engine, loop, gateway, gRPC, AMI, metrics.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_gateway.h"
#include "prometheus/exposer.h"
#include "server/ami_front.h"
#include "server/backup_maker.h"
#include "server/config.h"
#include "server/control_plane.h"
#include "server/event_feed.h"
#include "server/grpc_front.h"
#include "server/logger.h"
#include "server/metrics.h"
#include "server/open_imports.h"
#include "server/open_shows.h"
#include "server/run_loop.h"
#include "server/simulation.h"
#include "server/status_board.h"
#include "server/store_metrics.h"
#include "server/timed_committer.h"
#include "server/zone_lookup.h"
#include "storage/kv.h"
#include "storage/record_store.h"

namespace outdial::server {

struct DaemonOptions {
  // Must outlive the daemon.
  Logger* logger = nullptr;
  // Null: RocksDB in the configuration's data_dir.
  std::unique_ptr<storage::KeyValueStore> store;
  // Called once, on the loop's thread, when the loop had to end: the store is damaged, or nobody
  // knows what is on disk. The daemon should then be stopped and the process end with an error.
  std::function<void()> on_failure = [] {};
};

// Start, Stop and the destructor belong to one thread; the rest is thread-safe.
class Daemon {
 public:
  // How long the loop may be silent before the health service says NOT_SERVING.
  static constexpr absl::Duration kMaxLoopSilence = absl::Seconds(5);
  // How long a stop waits for calls in progress.
  static constexpr absl::Duration kDrainPatience = absl::Seconds(2);

  // `config` must be one that CheckConfig takes. Not OK: what could not be opened, and what to do.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(Config config, DaemonOptions options);
  ~Daemon();

  // Of the gRPC listener, and of the metrics; 0: there is none.
  int port() const { return front_->port(); }
  int metrics_port() const;
  // Of the first AMI address, and of FastAGI; 0: there is none.
  int ami_port() const { return ami_front_->ami_port(); }
  int agi_port() const { return ami_front_->agi_port(); }

  // Stops within seconds: dials nothing new, answers what is in progress, ends streams, closes
  // the connections to the nodes. The calls live on in Asterisk. The second time it does nothing.
  // The result: why the loop ended by itself; OK: it did not.
  absl::Status Stop();

 private:
  Daemon(Config config, DaemonOptions options);

  absl::Status Open();
  absl::Status OpenStore();
  absl::Status StartSimulation();
  void MakeGateway();
  absl::Status LoadLoop();
  void StartDialling();
  absl::Status StartMetrics();
  absl::Status StartFronts();
  ServiceDeps Deps();
  ami::GatewayLog GatewayLines();
  void LogStart();

  std::unique_ptr<engine::DialEngine> MakeEngine() const;
  RoundSinks MakeSinks();
  void OnLogLine(const engine::LogLine& line);
  void RunLoopUntilStopped();
  // One round of the loop, and what is told of it.
  absl::Status RunRound(absl::Duration max_wait);
  void FollowSuspension();
  // Whether clients should come: the loop lives, and can write.
  bool IsServing() const;
  void ReportHealth() ABSL_LOCKS_EXCLUDED(stop_mutex_);

  Config config_;
  DaemonOptions options_;
  Logger* const logger_;
  Metrics metrics_;
  std::unique_ptr<engine::Clock> clock_;
  SystemZones zones_;
  Inbox inbox_;
  ControlPlane control_{&inbox_};
  CallGate gate_;
  OpenImports imports_;
  OpenShows shows_;
  std::unique_ptr<StatusBoard> board_;
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<BackupMaker> backups_;
  std::unique_ptr<TimedCommitter> committer_;
  std::unique_ptr<EventFeed> feed_;
  std::unique_ptr<Simulation> simulation_;
  std::unique_ptr<ami::AmiGateway> gateway_;
  std::unique_ptr<RunLoop> loop_;
  std::unique_ptr<GrpcFront> front_;
  std::unique_ptr<AmiFront> ami_front_;
  std::shared_ptr<StoreMetrics> store_metrics_;
  std::unique_ptr<prometheus::Exposer> exposer_;

  std::thread loop_thread_;
  std::thread health_thread_;
  std::atomic<bool> stop_loop_ = false;
  std::atomic<bool> suspended_ = false;
  // Monotonic nanoseconds of the last round's end.
  std::atomic<int64_t> last_round_ns_ = 0;

  absl::Mutex stop_mutex_;
  bool stopping_ ABSL_GUARDED_BY(stop_mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(stop_mutex_);
};

}  // namespace outdial::server
