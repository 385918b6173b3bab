// Runs command lines in-process against the fake server.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "cli/run_cli.h"
#include "tests/cli/fake_server.h"

namespace outdial::cli {

class CliTest : public testing::Test {
 protected:
  struct Run {
    int exit_code;
    std::string out;
    std::string err;
  };

  // Runs `outdialctl --server FAKE ARGS`.
  Run Ctl(std::vector<std::string> args, std::map<std::string, std::string> env = {},
          const std::string& input = "") {
    args.insert(args.begin(), {"--server", server_.address()});
    return CtlAlone(args, std::move(env), input);
  }
  Run CtlAlone(const std::vector<std::string>& args, std::map<std::string, std::string> env = {},
               const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const CliIo io{.in = in,
                   .out = out,
                   .err = err,
                   .interrupt = interrupt_,
                   .env = std::move(env),
                   .now = [] { return absl::UnixEpoch(); },
                   .poll_interval = absl::ZeroDuration()};
    const int exit_code = RunCli(args, io);
    return {exit_code, out.str(), err.str()};
  }

  FakeState& state() { return server_.state(); }

  Interrupt interrupt_;
  FakeServer server_;
};

}  // namespace outdial::cli
