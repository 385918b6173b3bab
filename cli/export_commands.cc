// dl export and event export.
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/dl_filters.h"
#include "cli/event_flags.h"
#include "cli/export_writer.h"
#include "cli/record_kinds.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/event_service.grpc.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Message;

CommandStatus RunDlExport(const CommandContext& context) {
  static const auto& rpc =
      *new StreamRpc(MakeStreamRpc(&v1::OutDlListService::Stub::OutDlListShow));
  v1::OutDlListShowRequest request;
  CommandStatus status = ResolveRecord(KindOf("dlma"), context.flags.Get("dlma"),
                                       &context.connection, request.mutable_dlma_uuid());
  if (status.ok()) status = ApplyDlFilters(context, &request);
  ExportWriter writer;
  if (status.ok()) status = writer.Open(context, *v1::Dl::descriptor());
  if (!status.ok()) return status;
  std::string position;
  status = context.connection.Stream(
      rpc, Connection::Length::kLong, request, [&](const Message& message) {
        const auto& response = static_cast<const v1::OutDlListShowResponse&>(message);
        for (const v1::Dl& dl : response.dls()) {
          if (!writer.Add(dl)) return false;
        }
        position = response.position();
        return true;
      });
  return writer.Finish(position, std::move(status));
}

CommandStatus RunEventExport(const CommandContext& context) {
  static const auto& rpc =
      *new StreamRpc(MakeStreamRpc(&v1::OutEventService::Stub::OutEventSubscribe));
  v1::OutEventSubscribeRequest request;
  CommandStatus status = ApplyEventFlags(context, &request);
  if (status.ok() && context.flags.Get("format") == "csv") {
    status = UsageError("--format: events are written as jsonl alone");
  }
  ExportWriter writer;
  if (status.ok()) status = writer.Open(context, *v1::Event::descriptor());
  if (!status.ok()) return status;
  if (!request.has_after_position()) request.set_after_position("oldest");
  request.set_until_newest(true);
  std::string position;
  status = context.connection.Stream(
      rpc, Connection::Length::kLong, request, [&](const Message& message) {
        const auto& response = static_cast<const v1::OutEventSubscribeResponse&>(message);
        for (const v1::Event& event : response.events()) {
          if (!writer.Add(event)) return false;
        }
        position = response.position();
        return true;
      });
  return writer.Finish(position, std::move(status));
}

std::vector<Flag> Joined(std::vector<Flag> flags, const std::vector<Flag>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

}  // namespace

std::vector<Command> DlExportCommands() {
  const Flag dlma{.name = "dlma",
                  .value = "UUID|NAME",
                  .help = "The dial list.",
                  .aliases = {"dlma-uuid"},
                  .required = true};
  return {{.noun = "dl",
           .verb = "export",
           .summary = "Writes the entries of a dial list as CSV or JSON lines.",
           .flags = Joined(Joined({dlma}, DlFilterFlags()), ExportFlags()),
           .notes = {"When it ends it says where a later export goes on."},
           .run = RunDlExport}};
}

std::vector<Command> EventExportCommands() {
  return {{.noun = "event",
           .verb = "export",
           .summary = "Writes the events that are kept, as JSON lines, and ends.",
           .flags = Joined(EventFlags("Go on after the event with this position. Absent: from the "
                                      "oldest that is kept."),
                           ExportFlags()),
           .notes = {"When it ends it says where a later export goes on."},
           .run = RunEventExport}};
}

}  // namespace outdial::cli
