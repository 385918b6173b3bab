#include "cli/run_cli.h"

#include "absl/strings/str_cat.h"
#include "cli/command_line.h"
#include "cli/connection.h"

namespace outdial::cli {
namespace {

CommandStatus ParseFormat(const FlagValues& globals, OutputFormat* format) {
  const std::string text = globals.Get("output");
  if (text.empty() || text == "text") {
    *format = OutputFormat::kText;
  } else if (text == "json") {
    *format = OutputFormat::kJson;
  } else if (text == "jsonl") {
    *format = OutputFormat::kJsonl;
  } else {
    return UsageError(absl::StrCat("--output: '", text, "' is not one of text, json, jsonl"));
  }
  return Ok();
}

CommandStatus Run(const std::vector<std::string>& args, const CliIo& io) {
  CommandLine line;
  if (CommandStatus status = ParseCommandLine(args, io.env, &line); !status.ok()) return status;
  if (line.command == nullptr) {
    io.out << line.help;
    return Ok();
  }
  OutputFormat format = OutputFormat::kText;
  if (CommandStatus status = ParseFormat(line.globals, &format); !status.ok()) return status;
  std::unique_ptr<Connection> connection;
  CommandStatus status = Connection::Make(line.globals, &io.interrupt, &connection);
  if (!status.ok()) return status;
  return line.command->run({.io = io,
                            .connection = *connection,
                            .format = format,
                            .flags = line.flags,
                            .arguments = line.arguments});
}

}  // namespace

int RunCli(const std::vector<std::string>& args, const CliIo& io) {
  const CommandStatus status = Run(args, io);
  io.out.flush();
  if (!status.ok() && !status.message.empty()) io.err << ErrorText(status);
  io.err.flush();
  return static_cast<int>(status.code);
}

}  // namespace outdial::cli
