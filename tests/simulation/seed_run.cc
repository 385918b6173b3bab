#include "tests/simulation/seed_run.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "tests/simulation/scenario.h"

namespace outdial::simulation {

namespace {

// Of the seed that this thread runs: an impossible state ends the process.
thread_local char last_words[200];

void SayLastWords(int) {
  const ssize_t written = write(STDERR_FILENO, last_words, std::strlen(last_words));
  static_cast<void>(written);
}

void PrepareLastWords(const SeedRun& run) {
  std::snprintf(last_words, sizeof(last_words), "the process died; repeat it with: %s\n",
                RepeatCommand("simulation_test", run).c_str());
  std::signal(SIGABRT, SayLastWords);
}

}  // namespace

WorldReport RunSeed(const SeedRun& run, const SimulatedWorld::Log& log) {
  PrepareLastWords(run);
  Scenario scenario = DrawScenario(run.seed);
  scenario.on_rocksdb = run.on_rocksdb;
  scenario.planted = run.planted;
  return SimulatedWorld(std::move(scenario), log).Run();
}

std::string RepeatCommand(absl::string_view program, const SeedRun& run) {
  std::string command =
      absl::StrCat(program, " --gtest_filter=*EverySeedKeepsThePromises --seed=", run.seed);
  if (run.on_rocksdb) absl::StrAppend(&command, " --store=rocksdb");
  if (run.planted != nullptr) absl::StrAppend(&command, " --plant=", run.planted->name);
  return command;
}

std::string Complaint(absl::string_view program, const SeedRun& run, const WorldReport& report) {
  return absl::StrCat("seed ", run.seed, " breaks ", report.violation_count,
                      " promises; repeat it with: ", RepeatCommand(program, run), "\n  ",
                      absl::StrJoin(report.violations, "\n  "), "\n  ", report.Summary(), "\n");
}

bool TakeFlag(absl::string_view argument, SeedRun* run) {
  if (absl::ConsumePrefix(&argument, "--store=")) {
    run->on_rocksdb = argument == "rocksdb";
    return run->on_rocksdb || argument == "memory";
  }
  if (!absl::ConsumePrefix(&argument, "--plant=")) return false;
  run->planted = FindPlantedFault(argument);
  return run->planted != nullptr;
}

}  // namespace outdial::simulation
