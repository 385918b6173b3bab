#include <grpc/support/log.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "cli/run_cli.h"

extern char** environ;

namespace {

// Turns the first SIGINT or SIGTERM into an Interrupt, from a thread of its own, since an Interrupt
// takes locks; a second one ends the process at once. Made before any other thread, so that all of
// them inherit the blocked signals.
class SignalWatcher {
 public:
  explicit SignalWatcher(outdial::cli::Interrupt* interrupt) {
    sigemptyset(&signals_);
    for (int signal : {SIGINT, SIGTERM, kEnd}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    thread_ = std::thread([this, interrupt] { Watch(interrupt); });
  }
  ~SignalWatcher() {
    pthread_kill(thread_.native_handle(), kEnd);
    thread_.join();
  }
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

 private:
  static constexpr int kEnd = SIGUSR1;

  void Watch(outdial::cli::Interrupt* interrupt) {
    for (int signal = 0; sigwait(&signals_, &signal) == 0 && signal != kEnd;) {
      if (interrupt->triggered()) _exit(128 + signal);
      interrupt->Trigger();
    }
  }

  sigset_t signals_;
  std::thread thread_;
};

// gRPC writes lines of its own to stderr about errors that are told anyway; its own variable brings
// them back.
void SilenceGrpc() {
  constexpr int kNothing = GPR_LOG_SEVERITY_ERROR + 1;
  if (std::getenv("GRPC_VERBOSITY") == nullptr) {
    gpr_set_log_verbosity(static_cast<gpr_log_severity>(kNothing));
  }
}

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string::npos) result[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  SilenceGrpc();
  outdial::cli::Interrupt interrupt;
  const SignalWatcher watcher(&interrupt);
  const outdial::cli::CliIo io{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .interrupt = interrupt,
      .env = Environment(),
      .err_is_terminal = isatty(STDERR_FILENO) == 1,
      .is_interactive = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1,
      .zone = absl::LocalTimeZone()};
  const int exit_code = outdial::cli::RunCli(std::vector<std::string>(argv + 1, argv + argc), io);
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "error: standard output could not be written\n";
    return exit_code == 0 ? 1 : exit_code;
  }
  return exit_code;
}
