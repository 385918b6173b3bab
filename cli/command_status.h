// How a command ended, and the exit codes. Values; any thread.
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::cli {

// The process's exit code: part of the interface, documented in --help and README.md.
enum class ExitCode {
  kOk = 0,
  kFailed = 1,         // anything that has no code of its own
  kUsage = 2,          // the command line is wrong; nothing was sent
  kNotFound = 3,       // no such record
  kInvalid = 4,        // a value or a file is not valid
  kForbidden = 5,      // the state forbids it: in use, running, another revision, trimmed position
  kUnavailable = 6,    // server not reached, busy, or too slow: the same command may work later
  kPermission = 7,     // not logged in, or not allowed
  kRowsRefused = 8,    // an import ended, and some rows were not taken
  kInterrupted = 130,  // by SIGINT or SIGTERM
};

struct ExitCodeMeaning {
  ExitCode code;
  absl::string_view meaning;
};
// All exit codes in their order, for help and reference.
const std::vector<ExitCodeMeaning>& ExitCodeMeanings();

// OK, or an exit code with what is wrong. Text is written for people, begins in lower case and has
// no full stop.
struct [[nodiscard]] CommandStatus {
  ExitCode code = ExitCode::kOk;
  std::string message;
  // Further lines: bad fields, the remedy.
  std::vector<std::string> details;

  bool ok() const { return code == ExitCode::kOk; }
};

inline CommandStatus Ok() { return {}; }
CommandStatus UsageError(absl::string_view message);

// A field as people know it: `dl.number[0]` is `number1`, `plan.retry_delay` is `retry_delay`.
std::string ReadableField(absl::string_view path);

// Turns the server's answer into a status, with its google.rpc details: a line for each bad field,
// when to try again, and the reason's name. `server` is the address, for the remedy.
CommandStatus FromGrpc(const grpc::Status& status, absl::string_view server);

// `error: MESSAGE` and the details, indented.
std::string ErrorText(const CommandStatus& status);

}  // namespace outdial::cli
