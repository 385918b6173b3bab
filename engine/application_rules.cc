#include "engine/application_rules.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace outdial::engine {
namespace {

// They run programs, scripts or other applications.
constexpr absl::string_view kNeverAllowed[] = {
    "System", "TrySystem", "Shell",  "AGI",      "EAGI",        "DeadAGI",
    "Exec",   "TryExec",   "ExecIf", "AsyncAGI", "ExternalIVR",
};

// Queue(queuename[,options[,URL[,announceoverride[,timeout[,AGI[,macro[,gosub[,rule[,position]]]]]]]]])
constexpr size_t kQueueArgumentsAllowed = 5;

const std::string* FindAllowed(absl::string_view application, const EngineConfig& config) {
  const auto found = std::find_if(
      config.allowed_applications.begin(), config.allowed_applications.end(),
      [&](const std::string& allowed) { return absl::EqualsIgnoreCase(allowed, application); });
  return found == config.allowed_applications.end() ? nullptr : &*found;
}

bool IsNeverAllowed(absl::string_view application) {
  return std::any_of(
      std::begin(kNeverAllowed), std::end(kNeverAllowed),
      [&](absl::string_view never) { return absl::EqualsIgnoreCase(never, application); });
}

bool IsAll(absl::string_view text, bool (*good)(unsigned char)) {
  return std::all_of(text.begin(), text.end(), good);
}

}  // namespace

std::optional<std::string> ApplicationProblem(absl::string_view application,
                                              const EngineConfig& config) {
  if (IsNeverAllowed(application)) {
    return "must not be an application that runs programs or other applications";
  }
  if (FindAllowed(application, config) == nullptr) {
    return absl::StrCat("must be one of allowed_applications in the configuration: ",
                        absl::StrJoin(config.allowed_applications, ", "));
  }
  return std::nullopt;
}

std::string CanonicalApplication(absl::string_view application, const EngineConfig& config) {
  const std::string* allowed = FindAllowed(application, config);
  return allowed == nullptr ? std::string(application) : *allowed;
}

std::optional<std::string> QueueDataProblem(absl::string_view data) {
  // Split at every comma, also at one that Asterisk would take as quoted: that gives at least as
  // many arguments as Asterisk sees.
  const std::vector<absl::string_view> arguments = absl::StrSplit(data, ',');
  if (absl::StripAsciiWhitespace(arguments[0]).empty()) {
    return "must begin with the queue's name, such as `sales_1` or `sales_1,,,,60`";
  }
  if (arguments.size() > kQueueArgumentsAllowed) {
    return "must hold at most queue, options, URL, announcement and timeout: an AGI, macro or "
           "gosub is not allowed";
  }
  // F(context^exten^priority) would send the agent anywhere in the dialplan.
  if (arguments.size() > 1 && !IsAll(arguments[1], absl::ascii_isalpha)) {
    return "must hold Queue options without arguments, letters only";
  }
  if (arguments.size() == kQueueArgumentsAllowed && !IsAll(arguments.back(), absl::ascii_isdigit)) {
    return "must hold Queue's timeout in whole seconds";
  }
  return std::nullopt;
}

}  // namespace outdial::engine
