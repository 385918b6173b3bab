// The event filters of one session of the simulated Asterisk (action Filter).
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ami_gateway/ami_message.h"

namespace outdial::ami {

// Both forms of Asterisk 22: a regular expression over the whole event (`Event: Hangup`; `!` in
// front excludes), and criteria: name(X), header(X), method(regex|exact|starts_with|ends_with|
// contains|none), action(include|exclude). With an including filter only what one includes
// passes; what one excludes never does. One thread.
class SimFilterSet {
 public:
  // INVALID_ARGUMENT, with Asterisk's own text: the criteria or the expression are malformed.
  absl::Status Add(absl::string_view criteria, absl::string_view filter);
  bool Passes(const AmiMessage& event) const;

 private:
  enum class Method { kNone, kRegex, kExact, kStartsWith, kEndsWith, kContains };
  struct RegexDeleter {
    void operator()(regex_t* regex) const;
  };
  struct Filter {
    bool exclude = false;
    std::string event_name;  // empty: any
    std::string header;      // empty: the whole event
    Method method = Method::kNone;
    std::string text;
    std::unique_ptr<regex_t, RegexDeleter> regex;
  };

  static absl::Status ParseCriteria(absl::string_view criteria, Filter* filter);
  static bool Matches(const Filter& filter, const AmiMessage& event);
  static bool MatchesText(const Filter& filter, const std::string& text);

  std::vector<Filter> filters_;
  bool any_include_ = false;
};

}  // namespace outdial::ami
