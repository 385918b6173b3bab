// outdiald: reads its configuration, runs the server until SIGTERM or SIGINT, or does a task with a
// stopped store.
#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <thread>
#include <utility>
#include <variant>

#include "server/daemon.h"
#include "server/file_limit.h"
#include "server/flags.h"
#include "server/logger.h"
#include "server/store_task.h"

namespace outdial::server {
namespace {

constexpr int kFailed = 1;

// Blocks the signals that end the server, for this thread and all that it starts: they are waited
// for instead.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  return signal;
}

// While the server stops, another signal ends it at once; what is durable is durable.
void ExitOnNextSignal(const sigset_t& signals) {
  std::thread([signals] { _exit(128 + WaitForSignal(signals)); }).detach();
}

// The libraries write lines of their own to stderr, between ours, about errors that we tell
// ourselves. gRPC's own variable brings its lines back.
void SilenceLibraries() {
  google::protobuf::SetLogHandler(nullptr);
  constexpr int kNothing = GPR_LOG_SEVERITY_ERROR + 1;
  if (std::getenv("GRPC_VERBOSITY") == nullptr) {
    gpr_set_log_verbosity(static_cast<gpr_log_severity>(kNothing));
  }
}

int Run(Config config) {
  const sigset_t signals = BlockStopSignals();
  SilenceLibraries();
  RaiseFileLimit();
  Logger logger(config.log);
  logger.Info("starting", {{"version", OUTDIAL_VERSION}, {"data_dir", config.data_dir}});
  DaemonOptions options;
  options.logger = &logger;
  options.on_failure = [] { kill(getpid(), SIGTERM); };
  auto daemon = Daemon::Start(std::move(config), std::move(options));
  if (!daemon.ok()) {
    logger.Error("start_failed", {{"reason", std::string(daemon.status().message())}});
    return kFailed;
  }
  const int signal = WaitForSignal(signals);
  ExitOnNextSignal(signals);
  logger.Info("stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  return (*daemon)->Stop().ok() ? 0 : kFailed;
}

}  // namespace
}  // namespace outdial::server

int main(int argc, char** argv) {
  auto config = outdial::server::ReadCommandLine(argc, argv, std::cout, std::cerr);
  if (const auto* exit_now = std::get_if<outdial::server::ExitNow>(&config)) return exit_now->code;
  if (const auto* task = std::get_if<outdial::server::StoreTask>(&config)) {
    return outdial::server::RunStoreTask(*task, std::cout, std::cerr);
  }
  return outdial::server::Run(std::get<outdial::server::Config>(std::move(config)));
}
