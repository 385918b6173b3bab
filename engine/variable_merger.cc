#include "engine/variable_merger.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "engine/check.h"

namespace outdial::engine {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Variables = google::protobuf::RepeatedPtrField<v1::Variable>;

// The variable that a name sets: `_` and `__` only say who inherits it.
absl::string_view BaseName(absl::string_view name) {
  const size_t begin = std::min(name.find_first_not_of('_'), name.size());
  return name.substr(std::min<size_t>(begin, 2));
}

void Set(std::string name, std::string value, Pairs* pairs) {
  const auto same = std::find_if(pairs->begin(), pairs->end(), [&name](const auto& pair) {
    return BaseName(pair.first) == BaseName(name);
  });
  if (same == pairs->end()) {
    pairs->emplace_back(std::move(name), std::move(value));
  } else {
    *same = {std::move(name), std::move(value)};
  }
}

void SetAll(const Variables& variables, Pairs* pairs) {
  for (const v1::Variable& variable : variables) Set(variable.name(), variable.value(), pairs);
}

void SetUdata(const v1::Plan& plan, const v1::Dl& dl, Pairs* pairs) {
  if (!plan.has_uui_field() || plan.uui_field().empty() || !dl.has_udata()) return;
  Set(IsSipHeaderField(plan.uui_field()) ? absl::StrCat("PJSIP_HEADER(add,", plan.uui_field(), ")")
                                         : plan.uui_field(),
      dl.udata(), pairs);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> MergeVariables(const VariableSources& sources) {
  Pairs pairs;
  SetAll(sources.plan.variables(), &pairs);
  SetAll(sources.dlma.variables(), &pairs);
  SetAll(sources.destination.variables(), &pairs);
  SetAll(sources.dl.variables(), &pairs);
  SetUdata(sources.plan, sources.dl, &pairs);
  Set(absl::StrCat(kOwnVariablePrefix, "DIALING_UUID"), sources.dialing.ToString(), &pairs);
  Set(absl::StrCat(kOwnVariablePrefix, "CAMPAIGN_UUID"), sources.campaign.ToString(), &pairs);
  Set(absl::StrCat(kOwnVariablePrefix, "DL_UUID"), sources.dl.uuid(), &pairs);
  Set(absl::StrCat(kOwnVariablePrefix, "UKEY"), sources.dl.ukey(), &pairs);
  OUTDIAL_CHECK(pairs.size() <= kMaxMergedVariables, "each record holds a bounded number");
  return pairs;
}

bool IsSipHeaderField(absl::string_view uui_field) {
  return absl::StartsWithIgnoreCase(uui_field, "X-") ||
         absl::EqualsIgnoreCase(uui_field, "User-to-User");
}

void KeepLastOfEachName(google::protobuf::RepeatedPtrField<v1::Variable>* variables) {
  Variables kept;
  for (v1::Variable& variable : *variables) {
    const auto same =
        std::find_if(kept.begin(), kept.end(), [&variable](const v1::Variable& known) {
          return BaseName(known.name()) == BaseName(variable.name());
        });
    (same == kept.end() ? *kept.Add() : *same) = variable;
  }
  *variables = std::move(kept);
}

}  // namespace outdial::engine
