#include "cli/dl_filters.h"

#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/enum_names.h"
#include "cli/record_kinds.h"

namespace outdial::cli {
namespace {

CommandStatus ParseChoice(absl::string_view flag, const google::protobuf::EnumDescriptor& type,
                          const std::string& text, int* value) {
  const std::optional<int> parsed = ParseEnum(type, text);
  if (!parsed.has_value()) {
    return UsageError(absl::StrCat("--", flag, ": '", text, "' is not one of ",
                                   absl::StrJoin(FlagNames(type), ", ")));
  }
  *value = *parsed;
  return Ok();
}

CommandStatus ApplyFinished(const CommandContext& context, v1::OutDlListShowRequest* request) {
  if (context.flags.Has("finished") != context.flags.Has("plan")) {
    return UsageError("--finished and --plan are given together");
  }
  if (!context.flags.Has("finished")) return Ok();
  const std::string text = context.flags.Get("finished");
  if (text != "yes" && text != "no") return UsageError("--finished: must be yes or no");
  request->set_finished(text == "yes");
  return ResolveRecord(KindOf("plan"), context.flags.Get("plan"), &context.connection,
                       request->mutable_plan_uuid());
}

}  // namespace

std::vector<Flag> DlFilterFlags() {
  return {{.name = "status",
           .value = "NAME",
           .help = "Only entries with this status.",
           .choices = FlagNames(*v1::DlStatus_descriptor())},
          {.name = "outcome",
           .value = "NAME",
           .help = "Only idle entries whose last dialing ended so; none: never dialled.",
           .choices = FlagNames(*v1::Outcome_descriptor()),
           .repeated = true},
          {.name = "finished",
           .value = "yes|no",
           .help = "Only idle entries that are finished under --plan, or only those that are not.",
           .choices = {"yes", "no"}},
          {.name = "plan",
           .value = "UUID|NAME",
           .help = "The plan for --finished.",
           .aliases = {"plan-uuid"}},
          {.name = "count", .value = "N", .help = "At most so many. Absent: all."},
          {.name = "after",
           .value = "UUID|POSITION",
           .help = "Only entries after this one, or after the position that an export with the "
                   "same filters ended with."}};
}

CommandStatus ApplyDlFilters(const CommandContext& context, v1::OutDlListShowRequest* request) {
  int code = 0;
  if (context.flags.Has("status")) {
    CommandStatus status =
        ParseChoice("status", *v1::DlStatus_descriptor(), context.flags.Get("status"), &code);
    if (!status.ok()) return status;
    request->set_status(static_cast<v1::DlStatus>(code));
  }
  for (const std::string& text : context.flags.All("outcome")) {
    CommandStatus status = ParseChoice("outcome", *v1::Outcome_descriptor(), text, &code);
    if (!status.ok()) return status;
    request->add_outcomes(static_cast<v1::Outcome>(code));
  }
  if (CommandStatus status = ApplyFinished(context, request); !status.ok()) return status;
  if (context.flags.Has("after")) {
    const std::string after = context.flags.Get("after");
    // Positions have no dashes.
    const bool is_uuid = after.size() > 8 && after[8] == '-';
    is_uuid ? request->set_after_uuid(after) : request->set_after_position(after);
  }
  uint64_t count = 0;
  if (context.flags.Has("count")) {
    if (!absl::SimpleAtoi(context.flags.Get("count"), &count)) {
      return UsageError("--count: not a whole number");
    }
    request->set_count(count);
  }
  return Ok();
}

}  // namespace outdial::cli
