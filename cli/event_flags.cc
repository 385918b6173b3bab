#include "cli/event_flags.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/enum_names.h"
#include "cli/record_kinds.h"

namespace outdial::cli {
namespace {

std::vector<std::string> EventKinds() {
  std::vector<std::string> kinds = FlagNames(*v1::EventKind_descriptor());
  kinds.erase(kinds.begin());  // unspecified
  return kinds;
}

}  // namespace

std::vector<Flag> EventFlags(std::string help_of_after) {
  return {
      {.name = "after", .value = "POSITION", .help = std::move(help_of_after)},
      {.name = "kind",
       .value = "KIND",
       .help = "Only these kinds; the AMI names, such as OutDialingDelete, will do "
               "too.",
       .choices = EventKinds(),
       .repeated = true},
      {.name = "campaign",
       .value = "UUID|NAME",
       .help = "Only events of these campaigns and of their dialings.",
       .aliases = {"camp-uuid"},
       .repeated = true},
  };
}

CommandStatus ApplyEventFlags(const CommandContext& context,
                              v1::OutEventSubscribeRequest* request) {
  if (context.flags.Has("after")) request->set_after_position(context.flags.Get("after"));
  for (const std::string& text : context.flags.All("kind")) {
    const std::optional<int> kind = ParseEnum(*v1::EventKind_descriptor(), text);
    if (!kind.has_value() || *kind == v1::EVENT_KIND_UNSPECIFIED) {
      return UsageError(absl::StrCat("--kind: '", text, "' is not a kind of event; see --help"));
    }
    request->add_kinds(static_cast<v1::EventKind>(*kind));
  }
  for (const std::string& text : context.flags.All("campaign")) {
    CommandStatus status =
        ResolveRecord(KindOf("campaign"), text, &context.connection, request->add_camp_uuids());
    if (!status.ok()) return status;
  }
  return Ok();
}

}  // namespace outdial::cli
