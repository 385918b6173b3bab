// outdial-sim: the simulated Asterisk as a program.

#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "ami_gateway/sim_asterisk_server.h"
#include "ami_gateway/sim_clock.h"
#include "ami_gateway/sim_config.h"

namespace outdial::ami {
namespace {

constexpr int kExitUsage = 2;
constexpr int kExitUnavailable = 3;

struct Flags {
  std::string listen = "127.0.0.1:5038";
  std::string user = "outdial";
  std::string secret = "outdial";
  std::string queue = "sales";
  int agents = 10;
  double wrapup_s = 2;
  double accelerate = 1;
  double ring_s = 6;
  double talk_s = 45;
  double patience_s = 30;
  double agent_answer_s = 2;
  double event_delay_s = 2;
  SimPopulationOptions population;
  SimFaults faults;
};

void AddFlags(CLI::App& app, Flags* flags) {
  app.add_option("--listen", flags->listen, "Address and port for AMI; port 0: any free one")
      ->capture_default_str();
  app.add_option("--user", flags->user, "AMI user, with all rights")->capture_default_str();
  app.add_option("--secret", flags->secret, "Its secret")->capture_default_str();
  app.add_option("--accelerate", flags->accelerate,
                 "Simulated seconds per real second. The dialler must run as fast: give it the "
                 "same factor")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  app.add_option("--seed", flags->population.seed,
                 "What happens to the k-th call of a number depends on this, the number and k")
      ->capture_default_str();

  const std::string agents = "Agents";
  app.add_option("--queue", flags->queue, "Name of the queue")
      ->group(agents)
      ->capture_default_str();
  app.add_option("--agents", flags->agents, "Its agents")
      ->group(agents)
      ->check(CLI::Range(0, 999))
      ->capture_default_str();
  app.add_option("--wrapup", flags->wrapup_s, "Seconds between two calls of an agent")
      ->group(agents)
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--agent-answer", flags->agent_answer_s, "Seconds until an agent answers, mean")
      ->group(agents)
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();

  const std::string people = "People (weights of what happens to a call)";
  SimShares& shares = flags->population.shares;
  const auto share = [&](const char* name, double* value, const char* what) {
    app.add_option(name, *value, what)
        ->group(people)
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
  };
  share("--answer", &shares.answer, "A person answers");
  share("--machine", &shares.machine, "An answering machine answers");
  share("--no-answer", &shares.no_answer, "It rings and nobody answers");
  share("--busy", &shares.busy, "Busy (486)");
  share("--reject", &shares.reject, "Rejected (603)");
  share("--invalid", &shares.invalid, "No such number (404)");
  share("--congestion", &shares.congestion, "No line free (503)");
  share("--ring-time", &flags->ring_s, "Seconds until somebody answers, mean");
  share("--talk-time", &flags->talk_s, "Seconds with an agent, mean");
  share("--patience", &flags->patience_s, "Seconds that a person waits for an agent, mean");
  app.add_flag("--by-number", flags->population.prefix_decides,
               "The first digits decide: 100 answers and hangs up, 200 answers and stays, 180 "
               "rings for ever, 999 is silent, 486 404 503 603 480 ... is that SIP answer")
      ->group(people);

  const std::string faults = "Faults (probabilities, for each event of each connection)";
  const auto fault = [&](const char* name, double* value, const char* what) {
    app.add_option(name, *value, what)
        ->group(faults)
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
  };
  fault("--lose", &flags->faults.lose_event, "The event is lost");
  fault("--duplicate", &flags->faults.duplicate_event, "It comes twice");
  fault("--delay", &flags->faults.delay_event, "It comes late");
  app.add_option("--max-delay", flags->event_delay_s, "How late at most, seconds")
      ->group(faults)
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  fault("--reorder", &flags->faults.reorder_event, "It is overtaken by the next one");
  fault("--drop", &flags->faults.drop_connection, "The connection ends");
  app.add_option("--overload", flags->faults.starts_per_second,
                 "Calls started per second; Originates beyond it wait up to 30 s (0: no limit)")
      ->group(faults)
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

SimAsteriskConfig MakeConfig(const Flags& flags) {
  SimAsteriskConfig config = CallCenterSimConfig(flags.user, flags.secret, flags.queue,
                                                 flags.agents, absl::Seconds(flags.wrapup_s));
  config.seed = flags.population.seed;
  config.population = flags.population;
  config.population.ring_time = absl::Seconds(flags.ring_s);
  config.population.talk_time = absl::Seconds(flags.talk_s);
  config.population.patience = absl::Seconds(flags.patience_s);
  config.population.agent_answer_delay = absl::Seconds(flags.agent_answer_s);
  return config;
}

// HOST:PORT. False: it is none.
bool ParseListen(const std::string& text, SimServerOptions* options) {
  const size_t colon = text.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return false;
  }
  options->host = text.substr(0, colon);
  options->port = static_cast<uint16_t>(port);
  return true;
}

void PrintSummary(const SimCounters& counters) {
  std::printf(
      "originates %llu, calls %llu, answered %llu, with an agent %llu, at most %llu at "
      "once and %llu per second, channels left %llu\n",
      static_cast<unsigned long long>(counters.originates),
      static_cast<unsigned long long>(counters.calls),
      static_cast<unsigned long long>(counters.answered),
      static_cast<unsigned long long>(counters.reached_agent),
      static_cast<unsigned long long>(counters.peak_calls_up),
      static_cast<unsigned long long>(counters.peak_calls_per_second),
      static_cast<unsigned long long>(counters.channels));
}

int Run(const Flags& flags) {
  // Blocked before any thread is made, so that only sigwait below gets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  SimClock clock(flags.accelerate);
  SimServerOptions options{.clock = &clock};
  if (!ParseListen(flags.listen, &options)) {
    std::fprintf(stderr, "outdial-sim: --listen must be HOST:PORT, not %s\n", flags.listen.c_str());
    return kExitUsage;
  }
  const SimAsteriskConfig config = MakeConfig(flags);
  if (const absl::Status checked = config.population.Check(); !checked.ok()) {
    std::fprintf(stderr, "outdial-sim: %s\n", std::string(checked.message()).c_str());
    return kExitUsage;
  }
  SimAsteriskServer server(config, options);
  if (const absl::Status started = server.Start(); !started.ok()) {
    std::fprintf(stderr, "outdial-sim: cannot listen on %s\n",
                 std::string(started.message()).c_str());
    return kExitUnavailable;
  }
  SimFaults faults = flags.faults;
  faults.max_event_delay = absl::Seconds(flags.event_delay_s);
  if (const absl::Status set = server.SetFaults(faults); !set.ok()) {
    std::fprintf(stderr, "outdial-sim: %s\n", std::string(set.message()).c_str());
    return kExitUsage;
  }
  std::printf(
      "simulated Asterisk on %s:%u, user %s, queue %s with %d agents, dial "
      "PJSIP/<number>@trunk\n",
      options.host.c_str(), static_cast<unsigned>(server.port()), flags.user.c_str(),
      flags.queue.c_str(), flags.agents);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  PrintSummary(server.Counters());
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app(
      "A simulated Asterisk: it speaks AMI like a real one, and people drawn from a seed answer, "
      "are busy, hang up, and talk to the agents of a queue. Nothing is really called. Ends with "
      "SIGINT or SIGTERM, and says then what was called.",
      "outdial-sim");
  Flags flags;
  AddFlags(app, &flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help is one of these, too.
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  return Run(flags);
}

}  // namespace
}  // namespace outdial::ami

int main(int argc, char** argv) { return outdial::ami::Main(argc, argv); }
