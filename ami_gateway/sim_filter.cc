#include "ami_gateway/sim_filter.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace outdial::ami {
namespace {

absl::Status Malformed() {
  return absl::InvalidArgumentError(
      "Filter was formatted incorrectly.  Check the syntax of the filter given.");
}

std::string WireText(const AmiMessage& event) {
  std::string text;
  for (const AmiHeader& header : event.headers()) {
    absl::StrAppend(&text, header.name, ": ", header.value, "\r\n");
  }
  return text;
}

}  // namespace

void SimFilterSet::RegexDeleter::operator()(regex_t* regex) const {
  regfree(regex);
  delete regex;
}

absl::Status SimFilterSet::Add(absl::string_view criteria, absl::string_view text) {
  Filter filter;
  if (criteria.empty()) {
    filter.method = Method::kRegex;
    if (absl::StartsWith(text, "!")) {
      filter.exclude = true;
      text.remove_prefix(1);
    }
  } else if (const absl::Status status = ParseCriteria(criteria, &filter); !status.ok()) {
    return status;
  }
  filter.text = std::string(text);
  // A criterion without a text and a method looks at the name alone.
  if (!criteria.empty() && filter.method == Method::kNone && !text.empty()) {
    filter.method = Method::kRegex;
  }
  if (filter.method == Method::kRegex) {
    auto regex = std::make_unique<regex_t>();
    if (regcomp(regex.get(), filter.text.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
      return absl::InvalidArgumentError(
          "Filter did not compile.  Check the syntax of the filter given.");
    }
    filter.regex.reset(regex.release());  // from here on it must be freed by regfree, too
  }
  any_include_ |= !filter.exclude;
  filters_.push_back(std::move(filter));
  return absl::OkStatus();
}

absl::Status SimFilterSet::ParseCriteria(absl::string_view criteria, Filter* filter) {
  while (!criteria.empty()) {
    const size_t open = criteria.find('(');
    const size_t close = criteria.find(')');
    if (open == absl::string_view::npos || close == absl::string_view::npos || close < open) {
      return Malformed();
    }
    const absl::string_view key = criteria.substr(0, open);
    const absl::string_view value = criteria.substr(open + 1, close - open - 1);
    criteria.remove_prefix(close + 1);
    if (!criteria.empty() && criteria.front() != ',') return Malformed();
    if (!criteria.empty()) criteria.remove_prefix(1);
    if (key == "name") {
      filter->event_name = std::string(value);
    } else if (key == "header") {
      filter->header = std::string(value);
    } else if (key == "action") {
      filter->exclude = value == "exclude";
    } else if (key == "method") {
      constexpr std::pair<absl::string_view, Method> kMethods[] = {
          {"none", Method::kNone},          {"regex", Method::kRegex},
          {"exact", Method::kExact},        {"starts_with", Method::kStartsWith},
          {"ends_with", Method::kEndsWith}, {"contains", Method::kContains}};
      bool known = false;
      for (const auto& [name, method] : kMethods) {
        if (value != name) continue;
        filter->method = method;
        known = true;
      }
      if (!known) return Malformed();
    } else {
      return Malformed();
    }
  }
  return absl::OkStatus();
}

bool SimFilterSet::Passes(const AmiMessage& event) const {
  bool included = !any_include_;
  for (const Filter& filter : filters_) {
    if ((included && !filter.exclude) || !Matches(filter, event)) continue;
    if (filter.exclude) return false;
    included = true;
  }
  return included;
}

bool SimFilterSet::Matches(const Filter& filter, const AmiMessage& event) {
  if (!filter.event_name.empty() && event.Get("Event") != filter.event_name) return false;
  if (filter.method == Method::kNone) return true;
  if (filter.header.empty()) return MatchesText(filter, WireText(event));
  for (const absl::string_view value : event.GetAll(filter.header)) {
    if (MatchesText(filter, std::string(value))) return true;
  }
  return false;
}

bool SimFilterSet::MatchesText(const Filter& filter, const std::string& text) {
  switch (filter.method) {
    case Method::kNone:
      return true;
    case Method::kRegex:
      return regexec(filter.regex.get(), text.c_str(), 0, nullptr, 0) == 0;
    case Method::kExact:
      return text == filter.text;
    case Method::kStartsWith:
      return absl::StartsWith(text, filter.text);
    case Method::kEndsWith:
      return absl::EndsWith(text, filter.text);
    case Method::kContains:
      return absl::StrContains(text, filter.text);
  }
  return false;
}

}  // namespace outdial::ami
