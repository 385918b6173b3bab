#include "cli/help.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace outdial::cli {
namespace {

constexpr size_t kWidth = 90;

// `text` in lines of at most kWidth columns, each after `indent` spaces.
std::string Wrapped(absl::string_view text, size_t indent) {
  std::string result;
  std::string line(indent, ' ');
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (line.size() > indent && line.size() + 1 + word.size() > kWidth) {
      absl::StrAppend(&result, line, "\n");
      line = std::string(indent, ' ');
    }
    if (line.size() > indent) line += ' ';
    absl::StrAppend(&line, word);
  }
  return absl::StrCat(result, line, "\n");
}

std::string Spelling(const Flag& flag) {
  return absl::StrCat("--", flag.name, flag.value.empty() ? "" : " ", flag.value,
                      flag.repeated ? " ..." : "");
}

std::string FlagHelp(const Flag& flag) {
  std::string help = flag.help;
  if (!flag.choices.empty())
    absl::StrAppend(&help, " One of: ", absl::StrJoin(flag.choices, ", "), ".");
  if (flag.required) absl::StrAppend(&help, " Required.");
  return help;
}

std::string Usage(const Command& command) {
  std::string usage = absl::StrCat("outdialctl ", command.name());
  for (const Argument& argument : command.arguments) {
    absl::StrAppend(&usage, argument.required ? " " : " [", argument.name,
                    argument.required ? "" : "]");
  }
  for (const Flag& flag : command.flags) {
    if (flag.required) absl::StrAppend(&usage, " ", Spelling(flag));
  }
  const bool has_optional = std::any_of(command.flags.begin(), command.flags.end(),
                                        [](const Flag& flag) { return !flag.required; });
  return absl::StrCat(usage, has_optional ? " [flags]" : "");
}

std::string FlagList(const std::vector<Flag>& flags) {
  std::string text;
  for (const Flag& flag : flags) {
    absl::StrAppend(&text, "  ", Spelling(flag), "\n", Wrapped(FlagHelp(flag), 6));
  }
  return text;
}

std::string ExitCodeList() {
  std::string text;
  for (const auto& [code, meaning] : ExitCodeMeanings()) {
    absl::StrAppendFormat(&text, "  %-4d%s\n", static_cast<int>(code), std::string(meaning));
  }
  return text;
}

std::string CommandList(absl::string_view noun) {
  size_t width = 0;
  for (const Command& command : Commands()) width = std::max(width, command.name().size());
  std::string text;
  for (const Command& command : Commands()) {
    if (!noun.empty() && command.noun != noun) continue;
    absl::StrAppendFormat(&text, "  %-*s  %s\n", static_cast<int>(width), command.name(),
                          command.summary);
  }
  return text;
}

}  // namespace

std::string ProgramHelp() {
  return absl::StrCat(
      "usage: outdialctl [global flags] NOUN VERB [flags]\n\n",
      Wrapped("Controls Outdial, the control plane for outbound calling on Asterisk. A record is "
              "named by its uuid or by its exact name, where only one has that name.",
              0),
      "\ncommands:\n", CommandList(""),
      "\nglobal flags, before or after the command; each also as an environment variable, "
      "--server as\nOUTDIAL_SERVER; the flag wins:\n",
      FlagList(GlobalFlags()), "  --help, -h\n      Help of the program, a noun or a command.\n",
      "  --version\n      Version of outdialctl.\n", "\nexit codes:\n", ExitCodeList());
}

std::string NounHelp(absl::string_view noun) {
  return absl::StrCat("usage: outdialctl ", noun, " VERB [flags]\n\ncommands:\n", CommandList(noun),
                      "\n`outdialctl ", noun, " VERB --help` explains a command.\n");
}

std::string CommandHelp(const Command& command) {
  std::string text = absl::StrCat("usage: ", Usage(command), "\n\n", Wrapped(command.summary, 0));
  for (const std::string& note : command.notes) absl::StrAppend(&text, "\n", Wrapped(note, 0));
  if (!command.arguments.empty()) absl::StrAppend(&text, "\narguments:\n");
  for (const Argument& argument : command.arguments) {
    absl::StrAppend(&text, "  ", argument.name, "\n", Wrapped(argument.help, 6));
  }
  if (!command.flags.empty()) absl::StrAppend(&text, "\nflags:\n", FlagList(command.flags));
  return absl::StrCat(text, "\n`outdialctl --help` shows the global flags and the exit codes.\n");
}

std::string Reference() {
  std::string text = "### Global flags\n\n| flag | environment | meaning |\n|---|---|---|\n";
  for (const Flag& flag : GlobalFlags()) {
    absl::StrAppend(&text, "| `", Spelling(flag), "` | `", EnvironmentName(flag), "` | ",
                    FlagHelp(flag), " |\n");
  }
  absl::StrAppend(&text, "\n### Exit codes\n\n| code | meaning |\n|---|---|\n");
  for (const auto& [code, meaning] : ExitCodeMeanings()) {
    absl::StrAppend(&text, "| ", static_cast<int>(code), " | ", meaning, " |\n");
  }
  for (const Command& command : Commands()) {
    absl::StrAppend(&text, "\n### ", command.name(), "\n\n```\n", Usage(command), "\n```\n\n",
                    Wrapped(command.summary, 0));
    for (const std::string& note : command.notes) absl::StrAppend(&text, "\n", Wrapped(note, 0));
    if (!command.arguments.empty() || !command.flags.empty()) absl::StrAppend(&text, "\n");
    for (const Argument& argument : command.arguments) {
      absl::StrAppend(&text, "- `", argument.name, "`: ", argument.help, "\n");
    }
    for (const Flag& flag : command.flags) {
      absl::StrAppend(&text, "- `", Spelling(flag), "`: ", FlagHelp(flag), "\n");
    }
  }
  return text;
}

}  // namespace outdial::cli
