// completion: scripts for shells, from the command table.
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "cli/commands.h"

namespace outdial::cli {
namespace {

std::vector<std::string> Nouns() {
  std::vector<std::string> nouns;
  std::set<std::string> seen;
  for (const Command& command : Commands()) {
    if (seen.insert(command.noun).second) nouns.push_back(command.noun);
  }
  return nouns;
}

std::vector<std::string> VerbsOf(absl::string_view noun) {
  std::vector<std::string> verbs;
  for (const Command& command : Commands()) {
    if (command.noun == noun && !command.verb.empty()) verbs.push_back(command.verb);
  }
  return verbs;
}

std::vector<std::string> FlagWords(const std::vector<Flag>& flags) {
  std::vector<std::string> words;
  for (const Flag& flag : flags) words.push_back("--" + flag.name);
  return words;
}

// `--server|--output|...`: the global flags that take a value.
std::string GlobalValueFlags() {
  std::vector<std::string> words;
  for (const Flag& flag : GlobalFlags()) {
    if (!flag.value.empty()) words.push_back("--" + flag.name);
  }
  return absl::StrJoin(words, "|");
}

void AddCase(absl::string_view pattern, absl::string_view variable,
             const std::vector<std::string>& words, std::string* script) {
  absl::StrAppend(script, "    ", pattern, ") ", variable, "='", absl::StrJoin(words, " "),
                  "' ;;\n");
}

// Works in bash and, through bashcompinit, in zsh.
std::string BashFunction() {
  std::string script = absl::StrCat(
      "_outdialctl() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local noun='' verb='' words='' values='' i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      ",
      GlobalValueFlags(),
      ") ((i++)) ;;\n"
      "      -*) ;;\n"
      "      *)\n"
      "        if [[ -z $noun ]]; then noun=${COMP_WORDS[i]}\n"
      "        elif [[ -z $verb ]]; then verb=${COMP_WORDS[i]}; fi\n"
      "        ;;\n"
      "    esac\n"
      "  done\n"
      "  case \"$noun $verb $prev\" in\n");
  for (const Command& command : Commands()) {
    for (const Flag& flag : command.flags) {
      if (flag.choices.empty()) continue;
      AddCase(absl::StrCat("'", command.name(), " --", flag.name, "'"), "values", flag.choices,
              &script);
    }
  }
  for (const Flag& flag : GlobalFlags()) {
    if (!flag.choices.empty()) {
      AddCase(absl::StrCat("*' --", flag.name, "'"), "values", flag.choices, &script);
    }
  }
  absl::StrAppend(&script, "  esac\n  case \"$noun $verb\" in\n");
  AddCase("' '", "words", Nouns(), &script);
  for (const std::string& noun : Nouns()) {
    if (!VerbsOf(noun).empty())
      AddCase(absl::StrCat("'", noun, " '"), "words", VerbsOf(noun), &script);
  }
  for (const Command& command : Commands()) {
    std::vector<std::string> words = FlagWords(command.flags);
    for (const Argument& argument : command.arguments) {
      words.insert(words.end(), argument.choices.begin(), argument.choices.end());
    }
    AddCase(absl::StrCat("'", command.noun, " ", command.verb, "'"), "words", words, &script);
  }
  absl::StrAppend(&script,
                  "  esac\n"
                  "  if [[ -n $values ]]; then words=$values\n"
                  "  elif [[ $cur == -* ]]; then words=\"$words ",
                  absl::StrJoin(FlagWords(GlobalFlags()), " "),
                  " --help\"; fi\n"
                  "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                  "}\n"
                  "complete -o default -F _outdialctl outdialctl\n");
  return script;
}

std::string FishQuoted(absl::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// The first sentence: a completion's description is short.
std::string FirstSentence(absl::string_view text) {
  const size_t end = text.find(". ");
  return std::string(end == absl::string_view::npos ? text : text.substr(0, end + 1));
}

std::string FishFlag(const Flag& flag, absl::string_view condition) {
  std::string line = absl::StrCat("complete -c outdialctl", condition, " -l ", flag.name);
  if (!flag.value.empty()) absl::StrAppend(&line, flag.value == "FILE" ? " -r -F" : " -x");
  if (!flag.choices.empty()) {
    absl::StrAppend(&line, " -a ", FishQuoted(absl::StrJoin(flag.choices, " ")));
  }
  return absl::StrCat(line, " -d ", FishQuoted(FirstSentence(flag.help)), "\n");
}

std::string FishScript() {
  std::string script = "complete -c outdialctl -f\n";
  for (const std::string& noun : Nouns()) {
    absl::StrAppend(&script, "complete -c outdialctl -n __fish_use_subcommand -a ", noun, "\n");
  }
  for (const Flag& flag : GlobalFlags()) absl::StrAppend(&script, FishFlag(flag, ""));
  for (const Command& command : Commands()) {
    const std::string of_noun = absl::StrCat("__fish_seen_subcommand_from ", command.noun);
    const std::string verbs = absl::StrJoin(VerbsOf(command.noun), " ");
    std::string condition = of_noun;
    if (!command.verb.empty()) {
      absl::StrAppend(&script, "complete -c outdialctl -n '", of_noun,
                      "; and not __fish_seen_subcommand_from ", verbs, "' -a ", command.verb,
                      " -d ", FishQuoted(FirstSentence(command.summary)), "\n");
      absl::StrAppend(&condition, "; and __fish_seen_subcommand_from ", command.verb);
    }
    const std::string when = absl::StrCat(" -n '", condition, "'");
    for (const Argument& argument : command.arguments) {
      if (argument.is_file) absl::StrAppend(&script, "complete -c outdialctl", when, " -F\n");
      if (argument.choices.empty()) continue;
      absl::StrAppend(&script, "complete -c outdialctl", when, " -a ",
                      FishQuoted(absl::StrJoin(argument.choices, " ")), "\n");
    }
    for (const Flag& flag : command.flags) absl::StrAppend(&script, FishFlag(flag, when));
  }
  return script;
}

CommandStatus RunCompletion(const CommandContext& context) {
  const std::string& shell = context.arguments[0];
  if (shell == "bash") {
    context.io.out << BashFunction();
  } else if (shell == "zsh") {
    context.io.out << "#compdef outdialctl\nautoload -U +X bashcompinit && bashcompinit\n"
                   << BashFunction();
  } else if (shell == "fish") {
    context.io.out << FishScript();
  } else {
    return UsageError(absl::StrCat("'", shell, "' is not one of bash, zsh, fish"));
  }
  return Ok();
}

}  // namespace

Command CompletionCommand() {
  return {.noun = "completion",
          .summary = "Prints a completion script for a shell.",
          .arguments = {{.name = "SHELL",
                         .help = "One of: bash, zsh, fish.",
                         .required = true,
                         .choices = {"bash", "zsh", "fish"}}},
          .notes = {"For bash: source <(outdialctl completion bash)"},
          .run = RunCompletion};
}

}  // namespace outdial::cli
