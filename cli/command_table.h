// The one table of commands: parsing, help, reference and shell completion are made from it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/cli_io.h"
#include "cli/command_status.h"

namespace outdial::cli {

struct Flag {
  // Without its dashes.
  std::string name = {};
  // What stands for the value in help: `UUID|NAME`. Empty: a switch without a value.
  std::string value = {};
  // Sentences.
  std::string help = {};
  // Other spellings, not shown in help.
  std::vector<std::string> aliases = {};
  // The values that there are, for help and completion; empty: anything.
  std::vector<std::string> choices = {};
  bool repeated = false;
  bool required = false;
};

struct Argument {
  // In capitals.
  std::string name = {};
  std::string help = {};
  bool required = false;
  bool is_file = false;
  std::vector<std::string> choices = {};
};

// Values of flags by their name in the table.
class FlagValues {
 public:
  void Add(absl::string_view name, std::string value) {
    values_[std::string(name)].push_back(std::move(value));
  }
  bool Has(absl::string_view name) const { return values_.count(std::string(name)) > 0; }
  // The last value; empty: not given.
  std::string Get(absl::string_view name) const {
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? "" : found->second.back();
  }
  std::vector<std::string> All(absl::string_view name) const {
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? std::vector<std::string>{} : found->second;
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

enum class OutputFormat { kText, kJson, kJsonl };

class Connection;

// What a command works with. Borrowed for one run.
struct CommandContext {
  const CliIo& io;
  Connection& connection;
  OutputFormat format;
  const FlagValues& flags;
  // As many as the command has arguments; one that was not given is empty.
  const std::vector<std::string>& arguments;
};

struct Command {
  std::string noun = {};
  std::string verb = {};
  // A sentence.
  std::string summary = {};
  std::vector<Argument> arguments = {};
  std::vector<Flag> flags = {};
  // Further paragraphs of help.
  std::vector<std::string> notes = {};
  std::function<CommandStatus(const CommandContext&)> run;

  // `campaign create`; `top` and `completion` have no verb.
  std::string name() const { return verb.empty() ? noun : noun + " " + verb; }
};

// All commands, nouns together, in the order of the help.
const std::vector<Command>& Commands();
// Flags that every command takes; each is also read from OUTDIAL_<NAME>.
const std::vector<Flag>& GlobalFlags();
// `tls-ca` -> `OUTDIAL_TLS_CA`.
std::string EnvironmentName(const Flag& flag);

}  // namespace outdial::cli
