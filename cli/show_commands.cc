// Dialings, results and nodes: what is only shown.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/enum_names.h"
#include "cli/export_writer.h"
#include "cli/record_kinds.h"
#include "cli/record_printer.h"
#include "cli/text_view.h"
#include "outdial/v1/dialing_service.grpc.pb.h"
#include "outdial/v1/node_service.grpc.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Message;
using Stub = v1::OutDialingService::Stub;

// Looks up the record that a flag names; leaves `uuid` alone where the flag is not given.
template <class Request>
CommandStatus ResolveFlag(const CommandContext& context, absl::string_view flag,
                          absl::string_view noun, void (Request::*set)(const std::string&),
                          Request* request) {
  if (!context.flags.Has(flag)) return Ok();
  std::string uuid;
  CommandStatus status =
      ResolveRecord(KindOf(noun), context.flags.Get(flag), &context.connection, &uuid);
  if (status.ok()) (request->*set)(uuid);
  return status;
}

CommandStatus RunDialingShow(const CommandContext& context) {
  static const auto& rpc = *new StreamRpc(MakeStreamRpc(&Stub::OutDialingShow));
  v1::OutDialingShowRequest request;
  const bool one = !context.arguments[0].empty();
  if (one) request.set_uuid(context.arguments[0]);
  CommandStatus status = ResolveFlag<v1::OutDialingShowRequest>(
      context, "campaign", "campaign",
      &v1::OutDialingShowRequest::set_camp_uuid<const std::string&>, &request);
  if (!status.ok()) return status;
  RecordPrinter printer(context.format, one ? Layout::kOne : Layout::kMany,
                        *v1::Dialing::descriptor(), &context.io.out);
  status = context.connection.Stream(
      rpc, Connection::Length::kShort, request, [&](const Message& response) {
        ForEachRecord(response, [&](const Message& dialing) { printer.Add(dialing); });
        return true;
      });
  if (status.ok()) printer.Finish();
  return status;
}

CommandStatus RunDialingSummary(const CommandContext& context) {
  static const auto& rpc = *new UnaryRpc(MakeUnaryRpc(&Stub::OutDialingSummary));
  v1::OutDialingSummaryRequest request;
  CommandStatus status = ResolveFlag<v1::OutDialingSummaryRequest>(
      context, "campaign", "campaign",
      &v1::OutDialingSummaryRequest::set_camp_uuid<const std::string&>, &request);
  if (!status.ok()) return status;
  v1::OutDialingSummaryResponse response;
  status = context.connection.Call(rpc, request, &response);
  if (status.ok()) PrintOne(context.format, response, &context.io.out);
  return status;
}

CommandStatus ResultRequest(const CommandContext& context, v1::OutResultShowRequest* request) {
  for (const std::string& text : context.flags.All("outcome")) {
    const std::optional<int> outcome = ParseEnum(*v1::Outcome_descriptor(), text);
    if (!outcome.has_value()) {
      return UsageError(absl::StrCat("--outcome: '", text, "' is not one of ",
                                     absl::StrJoin(FlagNames(*v1::Outcome_descriptor()), ", ")));
    }
    request->add_outcomes(static_cast<v1::Outcome>(*outcome));
  }
  uint64_t count = 0;
  if (context.flags.Has("count")) {
    if (!absl::SimpleAtoi(context.flags.Get("count"), &count)) {
      return UsageError("--count: not a whole number");
    }
    request->set_count(count);
  }
  if (context.flags.Has("after")) request->set_after_position(context.flags.Get("after"));
  if (context.flags.Has("from")) request->set_ended_from(context.flags.Get("from"));
  if (context.flags.Has("before")) request->set_ended_before(context.flags.Get("before"));
  if (context.flags.Has("dl")) request->set_dl_list_uuid(context.flags.Get("dl"));
  request->set_with_records(context.flags.Has("with-records"));
  CommandStatus status = ResolveFlag<v1::OutResultShowRequest>(
      context, "campaign", "campaign", &v1::OutResultShowRequest::set_camp_uuid<const std::string&>,
      request);
  if (!status.ok()) return status;
  return ResolveFlag<v1::OutResultShowRequest>(
      context, "dlma", "dlma", &v1::OutResultShowRequest::set_dlma_uuid<const std::string&>,
      request);
}

// A list that lacks its beginning says so.
void TellWhatIsTrimmed(const CommandContext& context, const v1::OutResultShowResponse& response) {
  if (!response.has_trimmed_until()) return;
  context.io.err << "results of dialings that ended until " << ShortTime(response.trimmed_until())
                 << " are no longer kept\n";
}

CommandStatus WriteResults(const CommandContext& context, const v1::OutResultShowRequest& request) {
  static const auto& rpc = *new StreamRpc(MakeStreamRpc(&Stub::OutResultShow));
  ExportWriter writer;
  CommandStatus status = writer.Open(context, *v1::Result::descriptor());
  if (!status.ok()) return status;
  std::string position;
  status = context.connection.Stream(
      rpc, Connection::Length::kLong, request, [&](const Message& message) {
        const auto& response = static_cast<const v1::OutResultShowResponse&>(message);
        TellWhatIsTrimmed(context, response);
        for (const v1::Result& result : response.results()) {
          if (!writer.Add(result)) return false;
        }
        position = response.position();
        return true;
      });
  return writer.Finish(position, std::move(status));
}

CommandStatus StreamResults(const CommandContext& context, Layout layout,
                            const v1::OutResultShowRequest& request) {
  static const auto& rpc = *new StreamRpc(MakeStreamRpc(&Stub::OutResultShow));
  RecordPrinter printer(context.format, layout, *v1::Result::descriptor(), &context.io.out);
  std::string position;
  CommandStatus status = context.connection.Stream(
      rpc, Connection::Length::kLong, request, [&](const Message& message) {
        const auto& response = static_cast<const v1::OutResultShowResponse&>(message);
        TellWhatIsTrimmed(context, response);
        for (const v1::Result& result : response.results()) {
          printer.Add(result);
          position = result.position();
        }
        return context.io.out.good();
      });
  if (status.ok()) {
    printer.Finish();
  } else if (!position.empty()) {
    status.details.push_back(absl::StrCat("go on with: --after ", position));
  }
  return status;
}

CommandStatus RunResultShow(const CommandContext& context) {
  v1::OutResultShowRequest request;
  if (CommandStatus status = ResultRequest(context, &request); !status.ok()) return status;
  const bool one = !context.arguments[0].empty();
  if (one) request.set_uuid(context.arguments[0]);
  CommandStatus status = StreamResults(context, one ? Layout::kOne : Layout::kMany, request);
  if (one && status.code == ExitCode::kNotFound) {
    status.details.push_back("a dialing in progress has none yet: see outdialctl dialing show");
  }
  return status;
}

CommandStatus RunResultExport(const CommandContext& context) {
  v1::OutResultShowRequest request;
  if (CommandStatus status = ResultRequest(context, &request); !status.ok()) return status;
  if (WantsExport(context.flags)) return WriteResults(context, request);
  return StreamResults(context, Layout::kMany, request);
}

CommandStatus RunNodeShow(const CommandContext& context) {
  static const auto& rpc = *new UnaryRpc(MakeUnaryRpc(&v1::OutNodeService::Stub::OutNodeShow));
  v1::OutNodeShowRequest request;
  const bool one = !context.arguments[0].empty();
  if (one) request.set_name(context.arguments[0]);
  v1::OutNodeShowResponse response;
  CommandStatus status = context.connection.Call(rpc, request, &response);
  if (!status.ok()) return status;
  RecordPrinter printer(context.format, one ? Layout::kOne : Layout::kMany, *v1::Node::descriptor(),
                        &context.io.out);
  for (const v1::Node& node : response.nodes()) printer.Add(node);
  printer.Finish();
  return Ok();
}

Flag CampaignFlag() {
  return {.name = "campaign",
          .value = "UUID|NAME",
          .help = "Only those of this campaign.",
          .aliases = {"camp-uuid"}};
}

std::vector<Flag> ResultFlags() {
  return {CampaignFlag(),
          {.name = "dlma",
           .value = "UUID|NAME",
           .help = "Only those of this dial list.",
           .aliases = {"dlma-uuid"}},
          {.name = "dl",
           .value = "UUID",
           .help = "Only those of this entry.",
           .aliases = {"dl-list-uuid"}},
          {.name = "outcome",
           .value = "NAME",
           .help = "Only these outcomes.",
           .choices = FlagNames(*v1::Outcome_descriptor()),
           .repeated = true},
          {.name = "after",
           .value = "POSITION",
           .help = "Only results after the one with this position."},
          {.name = "from",
           .value = "TIME",
           .help = "Only dialings that ended at this time or later: 2026-01-02T03:04:05Z.",
           .aliases = {"ended-from"}},
          {.name = "before",
           .value = "TIME",
           .help = "Only dialings that ended before this time.",
           .aliases = {"ended-before"}},
          {.name = "count", .value = "N", .help = "At most so many. Absent: all."},
          {.name = "with-records",
           .help = "Also print campaign, plan, dial list, destination and entry as they were when "
                   "the call was made."}};
}

std::vector<Flag> ResultExportFlags() {
  std::vector<Flag> flags = ResultFlags();
  for (Flag& flag : ExportFlags()) flags.push_back(std::move(flag));
  return flags;
}

}  // namespace

std::vector<Command> ShowCommands() {
  return {
      {.noun = "dialing",
       .verb = "show",
       .summary = "Shows one dialing, in progress or ended, or all that are in progress.",
       .arguments = {{.name = "UUID", .help = "The dialing. Absent: all in progress."}},
       .flags = {CampaignFlag()},
       .run = RunDialingShow},
      {.noun = "dialing",
       .verb = "summary",
       .summary = "Counts the dialings in progress.",
       .flags = {CampaignFlag()},
       .run = RunDialingSummary},
      {.noun = "result",
       .verb = "show",
       .summary = "Shows the result of one dialing, or lists those that the flags let through.",
       .arguments = {{.name = "UUID", .help = "The dialing. Absent: all, oldest first."}},
       .flags = ResultFlags(),
       .run = RunResultShow},
      {.noun = "result",
       .verb = "export",
       .summary = "Prints the results of ended dialings, oldest first.",
       .flags = ResultExportFlags(),
       .notes = {"With --output jsonl each line is one result and ends with a newline: a file that "
                 "was cut can be gone on with --after and the last line's position."},
       .run = RunResultExport},
      {.noun = "node",
       .verb = "show",
       .summary = "Shows the Asterisk nodes: state, calls, queues, and what is wrong or missing.",
       .arguments = {{.name = "NAME", .help = "The node's name. Absent: all."}},
       .run = RunNodeShow},
  };
}

}  // namespace outdial::cli
