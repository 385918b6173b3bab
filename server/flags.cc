#include "server/flags.h"

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"

namespace outdial::server {
namespace {

constexpr int kUsageError = 2;
constexpr int kMaxAgents = 999;
constexpr double kMaxAcceleration = 1000;

// What was given; absent: the configuration file decides.
struct Flags {
  std::string config_file;
  std::optional<std::string> listen;
  std::optional<std::string> data_dir;
  std::optional<std::string> ami_listen;
  std::optional<std::string> agi_listen;
  std::optional<std::string> metrics_listen;
  SimulationConfig simulate;
  bool insecure = false;
  bool accept_clock = false;
  bool verify = false;
  std::optional<std::string> restore;

  bool is_task() const { return verify || restore.has_value(); }
};

void AddFlags(CLI::App* app, Flags* flags) {
  app->set_version_flag("--version", OUTDIAL_VERSION);
  app->add_option("--config", flags->config_file, "Configuration file (YAML)");
  app->add_option("--listen", flags->listen,
                  "HOST:PORT of the gRPC API (default 127.0.0.1:50051; port 0: any free one)");
  app->add_option("--data-dir", flags->data_dir,
                  "Directory of lists, results and events (default outdial-data)");
  app->add_option("--ami-listen", flags->ami_listen, "HOST:PORT for AMI clients (default: off)");
  app->add_option("--agi-listen", flags->agi_listen,
                  "HOST:PORT for dialplans, by FastAGI (default: off)");
  app->add_option("--metrics-listen", flags->metrics_listen,
                  "HOST:PORT of the Prometheus metrics (default: off)");
  app->add_flag("--insecure", flags->insecure,
                "Listen on addresses that can be reached from outside, without TLS");
  app->add_flag("--accept-clock", flags->accept_clock,
                "Start although the clock is behind the newest event of the store");
  app->add_flag("--simulate", flags->simulate.enabled,
                "Run a simulated Asterisk inside: queue sales, trunk trunk, no telephony");
  app->add_option("--agents,--simulate-agents", flags->simulate.agents,
                  "Agents of the simulated queue (default 10)")
      ->check(CLI::Range(0, kMaxAgents));
  app->add_option("--seed,--simulate-seed", flags->simulate.seed,
                  "Decides what the simulated people do (default 1)");
  app->add_option("--accelerate", flags->simulate.accelerate,
                  "How many times as fast time runs with --simulate (default 1)")
      ->check(CLI::Range(0.1, kMaxAcceleration));
  auto* const verify = app->add_flag(
      "--verify", flags->verify,
      "Don't run: check the stopped store in --data-dir, whole, and name all that is damaged");
  app->add_option("--restore", flags->restore,
                  "Don't run: check the backup in this directory, whole, and put it into an empty "
                  "--data-dir")
      ->excludes(verify);
}

absl::Status SetAddress(const char* flag, const std::optional<std::string>& text,
                        std::optional<ListenAddress>* address) {
  if (!text.has_value()) return absl::OkStatus();
  *address = ListenAddress::Parse(*text);
  if (address->has_value()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": must be HOST:PORT, for example 127.0.0.1:50051"));
}

absl::StatusOr<Config> Combine(const Flags& flags) {
  absl::StatusOr<Config> config =
      flags.config_file.empty() ? Config() : ReadConfigFile(flags.config_file);
  if (!config.ok()) return config.status();

  std::optional<ListenAddress> listen = config->listen;
  absl::Status status = SetAddress("--listen", flags.listen, &listen);
  status.Update(SetAddress("--ami-listen", flags.ami_listen, &config->ami.listen));
  status.Update(SetAddress("--agi-listen", flags.agi_listen, &config->ami.agi_listen));
  status.Update(SetAddress("--metrics-listen", flags.metrics_listen, &config->metrics_listen));
  if (!status.ok()) return status;
  config->listen = *listen;
  if (flags.data_dir.has_value()) config->data_dir = *flags.data_dir;
  config->simulate = flags.simulate;
  config->insecure = flags.insecure;
  config->accept_clock = flags.accept_clock;
  if (flags.is_task()) return config;
  if (absl::Status checked = CheckConfig(*config); !checked.ok()) return checked;
  return config;
}

StoreTask TaskOf(const Flags& flags, const Config& config) {
  StoreTask task;
  task.data_dir = config.data_dir;
  task.kind = flags.verify ? StoreTask::Kind::kVerify : StoreTask::Kind::kRestore;
  task.backup = flags.restore.value_or("");
  return task;
}

}  // namespace

std::variant<Config, StoreTask, ExitNow> ReadCommandLine(int argc, const char* const* argv,
                                                         std::ostream& out, std::ostream& err) {
  CLI::App app("outdiald: outbound campaigns for Asterisk", "outdiald");
  Flags flags;
  AddFlags(&app, &flags);
  // CLI11 tells by exceptions that help was asked for or an argument is wrong.
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitNow{app.exit(error, out, err) == 0 ? 0 : kUsageError};
  }
  absl::StatusOr<Config> config = Combine(flags);
  if (config.ok() && flags.is_task()) return TaskOf(flags, *config);
  if (config.ok()) return *std::move(config);
  err << config.status().message() << "\n";
  return ExitNow{kUsageError};
}

}  // namespace outdial::server
