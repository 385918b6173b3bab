#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/help.h"
#include "cli/utf8.h"
#include "cli/version.h"

namespace outdial::cli {
namespace {

// Changes that turn `a` into `b`, one character each.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// `; did you mean X?` where a known word is near enough, else nothing.
std::string Suggestion(absl::string_view word, const std::vector<std::string>& known) {
  size_t best = std::max<size_t>(2, word.size() / 3) + 1;
  std::string nearest;
  for (const std::string& candidate : known) {
    if (const size_t distance = EditDistance(word, candidate); distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

std::vector<std::string> Nouns() {
  std::vector<std::string> nouns;
  for (const Command& command : Commands()) {
    if (nouns.empty() || nouns.back() != command.noun) nouns.push_back(command.noun);
  }
  // The verbs of dl are not all together in the table.
  std::vector<std::string> unique;
  for (const std::string& noun : nouns) {
    if (std::find(unique.begin(), unique.end(), noun) == unique.end()) unique.push_back(noun);
  }
  return unique;
}

std::vector<std::string> VerbsOf(absl::string_view noun) {
  std::vector<std::string> verbs;
  for (const Command& command : Commands()) {
    if (command.noun == noun && !command.verb.empty()) verbs.push_back(command.verb);
  }
  return verbs;
}

bool IsHelp(absl::string_view word) { return word == "--help" || word == "-h"; }

const Flag* FindFlag(const std::vector<Flag>& flags, absl::string_view name) {
  for (const Flag& flag : flags) {
    if (flag.name == name) return &flag;
    if (std::find(flag.aliases.begin(), flag.aliases.end(), name) != flag.aliases.end()) {
      return &flag;
    }
  }
  return nullptr;
}

// Noun and verb, found ahead of the real parse, which needs to know the command's flags: the first
// words that are neither flags nor values of global flags.
struct Words {
  std::string noun;
  std::string verb;
  // Where noun and verb stand in the arguments.
  std::vector<size_t> positions;
  bool help = false;
};

Words FindWords(const std::vector<std::string>& args) {
  Words words;
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--") break;
    if (IsHelp(args[i])) words.help = true;
    if (absl::StartsWith(args[i], "-") && args[i] != "-") {
      const Flag* flag =
          FindFlag(GlobalFlags(), args[i].substr(std::min<size_t>(2, args[i].size())));
      if (flag != nullptr && !flag->value.empty()) ++i;
      continue;
    }
    if (words.noun.empty()) {
      words.noun = args[i];
      words.positions.push_back(i);
    } else if (words.verb.empty() && !VerbsOf(words.noun).empty()) {
      words.verb = args[i];
      words.positions.push_back(i);
    }
  }
  return words;
}

CommandStatus FindCommand(const Words& words, const Command** command) {
  for (const Command& candidate : Commands()) {
    if (candidate.noun == words.noun && candidate.verb == words.verb) {
      *command = &candidate;
      return Ok();
    }
  }
  const std::vector<std::string> verbs = VerbsOf(words.noun);
  if (verbs.empty()) {
    return UsageError(absl::StrCat("unknown noun '", words.noun, "'",
                                   Suggestion(words.noun, Nouns()),
                                   " (there are: ", absl::StrJoin(Nouns(), ", "), ")"));
  }
  if (words.verb.empty()) {
    return UsageError(
        absl::StrCat("say what to do with ", words.noun, ": ", absl::StrJoin(verbs, ", ")));
  }
  return UsageError(absl::StrCat("unknown verb '", words.verb, "' of ", words.noun,
                                 Suggestion(words.verb, verbs),
                                 " (there are: ", absl::StrJoin(verbs, ", "), ")"));
}

// CLI11 takes `--name=` for a flag whose value comes next; as two words it is an empty value.
std::vector<std::string> SplitEmptyValues(const std::vector<std::string>& args) {
  std::vector<std::string> result;
  bool plain = false;
  for (const std::string& arg : args) {
    plain = plain || arg == "--";
    if (!plain && absl::StartsWith(arg, "--") && arg.find('=') == arg.size() - 1) {
      result.push_back(arg.substr(0, arg.size() - 1));
      result.emplace_back();
    } else {
      result.push_back(arg);
    }
  }
  return result;
}

CLI::Option* AddFlag(const Flag& flag, CLI::App* app) {
  std::string names = absl::StrCat("--", flag.name);
  for (const std::string& alias : flag.aliases) absl::StrAppend(&names, ",--", alias);
  if (flag.value.empty()) return app->add_flag(names);
  CLI::Option* option = app->add_option(names);
  option->type_size(1)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return option->allow_extra_args(false);
}

// Collects what CLI11 found for `flags`.
CommandStatus Collect(const std::vector<Flag>& flags, const std::vector<CLI::Option*>& options,
                      FlagValues* values) {
  for (size_t i = 0; i < flags.size(); ++i) {
    const Flag& flag = flags[i];
    if (options[i]->count() > 1 && !flag.repeated && !flag.value.empty()) {
      return UsageError(absl::StrCat("--", flag.name, " was given more than once"));
    }
    for (const std::string& value : options[i]->results()) {
      if (!IsUtf8(value)) return UsageError(absl::StrCat("--", flag.name, " is not UTF-8"));
      values->Add(flag.name, value);
    }
    if (flag.required && options[i]->count() == 0) {
      return UsageError(absl::StrCat("--", flag.name, " is required"));
    }
  }
  return Ok();
}

CommandStatus UnknownWord(const std::string& word, const Command& command) {
  if (!absl::StartsWith(word, "-")) {
    return UsageError(absl::StrCat("'", word, "' is one argument too many"));
  }
  std::vector<std::string> known;
  for (const Flag& flag : command.flags) known.push_back("--" + flag.name);
  for (const Flag& flag : GlobalFlags()) known.push_back("--" + flag.name);
  const std::string name = word.substr(0, word.find('='));
  return UsageError(
      absl::StrCat("unknown flag ", name, " of ", command.name(), Suggestion(name, known)));
}

void AddEnvironment(const std::map<std::string, std::string>& env, FlagValues* globals) {
  for (const Flag& flag : GlobalFlags()) {
    const auto found = env.find(EnvironmentName(flag));
    if (found == env.end() || found->second.empty() || globals->Has(flag.name)) continue;
    const bool is_switch_off =
        flag.value.empty() && (found->second == "0" || found->second == "false");
    if (!is_switch_off) globals->Add(flag.name, found->second);
  }
}

CommandStatus CollectArguments(const std::vector<std::string>& rest, const Command& command,
                               std::vector<std::string>* arguments) {
  // What is left over starts with a dash only where it is an unknown flag; `-` is standard input.
  for (const std::string& word : rest) {
    if (word.size() > 1 && word[0] == '-') return UnknownWord(word, command);
  }
  if (rest.size() > command.arguments.size()) {
    return UnknownWord(rest[command.arguments.size()], command);
  }
  *arguments = rest;
  arguments->resize(command.arguments.size());
  for (size_t i = rest.size(); i < command.arguments.size(); ++i) {
    if (command.arguments[i].required) {
      return UsageError(absl::StrCat(command.arguments[i].name, " is missing"));
    }
  }
  return Ok();
}

CommandStatus ParseFlags(const std::vector<std::string>& args, const Command& command,
                         CommandLine* result) {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<CLI::Option*> own;
  std::vector<CLI::Option*> global;
  for (const Flag& flag : command.flags) own.push_back(AddFlag(flag, &app));
  for (const Flag& flag : GlobalFlags()) global.push_back(AddFlag(flag, &app));
  std::vector<std::string> reversed = SplitEmptyValues(args);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(reversed);
  } catch (const CLI::ArgumentMismatch& error) {
    // Its text begins with the flag's name: `--name: 1 required TEXT missing`.
    const absl::string_view text = error.what();
    return UsageError(absl::StrCat(text.substr(0, text.find(':')), " needs a value"));
  } catch (const CLI::ParseError& error) {
    return UsageError(error.what());
  }
  std::vector<std::string> rest = app.remaining();
  rest.erase(std::remove(rest.begin(), rest.end(), "--"), rest.end());
  if (CommandStatus s = CollectArguments(rest, command, &result->arguments); !s.ok()) return s;
  if (CommandStatus s = Collect(command.flags, own, &result->flags); !s.ok()) return s;
  return Collect(GlobalFlags(), global, &result->globals);
}

CommandStatus WithHelpHint(CommandStatus status, absl::string_view words) {
  if (!status.ok()) status.details.push_back(absl::StrCat("see: outdialctl ", words, "--help"));
  return status;
}

}  // namespace

CommandStatus ParseCommandLine(const std::vector<std::string>& args,
                               const std::map<std::string, std::string>& env, CommandLine* result) {
  const Words words = FindWords(args);
  if (words.noun.empty()) {
    if (std::find(args.begin(), args.end(), "--version") != args.end()) {
      result->help = absl::StrCat("outdialctl ", kVersion, "\n");
      return Ok();
    }
    if (words.help) {
      result->help = ProgramHelp();
      return Ok();
    }
    return WithHelpHint(UsageError("say what to do: NOUN VERB"), "");
  }
  if (words.help && words.verb.empty() && !VerbsOf(words.noun).empty()) {
    result->help = NounHelp(words.noun);
    return Ok();
  }
  const Command* command = nullptr;
  if (CommandStatus status = FindCommand(words, &command); !status.ok()) {
    return WithHelpHint(std::move(status), "");
  }
  if (words.help) {
    result->help = CommandHelp(*command);
    return Ok();
  }
  std::vector<std::string> rest;
  for (size_t i = 0; i < args.size(); ++i) {
    if (std::find(words.positions.begin(), words.positions.end(), i) == words.positions.end()) {
      rest.push_back(args[i]);
    }
  }
  CommandStatus status = ParseFlags(rest, *command, result);
  if (!status.ok()) return WithHelpHint(std::move(status), command->name() + " ");
  AddEnvironment(env, &result->globals);
  result->command = command;
  return Ok();
}

}  // namespace outdial::cli
