// What only campaigns have: their statistics, and starting and stopping them.
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/record_kinds.h"
#include "cli/record_printer.h"
#include "cli/status_line.h"
#include "cli/text_table.h"
#include "cli/text_view.h"
#include "outdial/v1/campaign_service.grpc.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Message;
using Stub = v1::OutCampaignService::Stub;

// Without a terminal, a line of progress comes no more often than this.
constexpr absl::Duration kPlainProgressPeriod = absl::Seconds(10);

CommandStatus RunStat(const CommandContext& context) {
  static const auto& rpc = *new StreamRpc(MakeStreamRpc(&Stub::OutCampaignStatShow));
  v1::OutCampaignStatShowRequest request;
  const bool one = !context.arguments[0].empty();
  if (one) {
    CommandStatus status = ResolveRecord(KindOf("campaign"), context.arguments[0],
                                         &context.connection, request.mutable_uuid());
    if (!status.ok()) return status;
  }
  RecordPrinter printer(context.format, one ? Layout::kOne : Layout::kMany,
                        *v1::CampaignStat::descriptor(), &context.io.out);
  CommandStatus status = context.connection.Stream(
      rpc, Connection::Length::kShort, request, [&](const Message& response) {
        ForEachRecord(response, [&](const Message& stat) { printer.Add(stat); });
        return true;
      });
  if (status.ok()) printer.Finish();
  return status;
}

CommandStatus FetchCampaign(const std::string& uuid, Connection* connection,
                            v1::Campaign* campaign) {
  v1::OutCampaignShowRequest request;
  request.set_uuid(uuid);
  return connection->Stream(
      KindOf("campaign").show, Connection::Length::kShort, request, [&](const Message& response) {
        ForEachRecord(response, [&](const Message& record) { campaign->CopyFrom(record); });
        return true;
      });
}

CommandStatus FetchStat(const std::string& uuid, Connection* connection, v1::CampaignStat* stat) {
  static const auto& rpc = *new StreamRpc(MakeStreamRpc(&Stub::OutCampaignStatShow));
  v1::OutCampaignStatShowRequest request;
  request.set_uuid(uuid);
  return connection->Stream(rpc, Connection::Length::kShort, request, [&](const Message& response) {
    ForEachRecord(response, [&](const Message& record) { stat->CopyFrom(record); });
    return true;
  });
}

bool IsAtRest(v1::CampaignStatus status) {
  return status == v1::CAMPAIGN_STATUS_STOP || status == v1::CAMPAIGN_STATUS_PAUSE;
}

// `start: 120 of 1000 people finished, 8 being dialled, 310 calls (no free agent)`
std::string ProgressText(const v1::Campaign& campaign, const v1::CampaignStat& stat) {
  const std::string& waits_for = campaign.wait_detail();
  return absl::StrCat(FieldText(campaign, "status"), ": ", stat.dl_finished_count(), " of ",
                      stat.dl_total_count(), " people finished, ", stat.dl_dialing_count(),
                      " being dialled, ", stat.dl_called_count(), " calls",
                      waits_for.empty() ? "" : absl::StrCat(" (", Printable(waits_for), ")"));
}

CommandStatus StillRuns(CommandStatus status, const std::string& uuid) {
  if (status.code != ExitCode::kInterrupted) return status;
  status.details = {"the campaign goes on without this command",
                    absl::StrCat("to watch: outdialctl campaign stat ", uuid),
                    absl::StrCat("to stop it: outdialctl campaign stop ", uuid)};
  return status;
}

// Shows progress until the campaign is stopped or paused.
CommandStatus WaitUntilAtRest(const std::string& uuid, const CommandContext& context,
                              v1::Campaign* campaign, v1::CampaignStat* stat) {
  StatusLine line(context.io, kPlainProgressPeriod);
  for (;;) {
    CommandStatus status = FetchCampaign(uuid, &context.connection, campaign);
    if (status.ok()) status = FetchStat(uuid, &context.connection, stat);
    if (!status.ok()) return StillRuns(std::move(status), uuid);
    if (IsAtRest(campaign->status())) return Ok();
    line.Show(ProgressText(*campaign, *stat));
    if (context.io.interrupt.WaitFor(context.io.poll_interval)) {
      return StillRuns({ExitCode::kInterrupted, "interrupted", {}}, uuid);
    }
  }
}

void PrintSummary(const v1::Campaign& campaign, const v1::CampaignStat& stat, absl::Duration took,
                  const CommandContext& context) {
  if (context.format != OutputFormat::kText) {
    PrintOne(context.format, stat, &context.io.out);
    return;
  }
  std::vector<std::string> outcomes;
  for (const v1::OutcomeCount& count : stat.outcomes()) {
    outcomes.push_back(absl::StrCat(FieldText(count, "outcome"), " ", count.count()));
  }
  context.io.out << "campaign   " << campaign.uuid() << ' ' << Printable(campaign.name()) << '\n'
                 << "status     " << FieldText(campaign, "status");
  if (campaign.has_status_detail()) {
    context.io.out << " (" << Printable(campaign.status_detail()) << ')';
  }
  context.io.out << "\npeople     " << stat.dl_total_count() << ": " << stat.dl_finished_count()
                 << " finished, " << stat.dl_available_count() << " can still be dialled\n"
                 << "calls      " << stat.dl_called_count() << '\n'
                 << "outcomes   " << (outcomes.empty() ? "none" : absl::StrJoin(outcomes, ", "))
                 << '\n'
                 << "took       " << absl::FormatDuration(absl::Trunc(took, absl::Seconds(1)))
                 << '\n';
}

CommandStatus SetStatus(const CommandContext& context, v1::CampaignStatus wanted,
                        v1::Campaign* campaign) {
  v1::OutCampaignUpdateRequest request;
  CommandStatus status =
      ResolveRecord(KindOf("campaign"), context.arguments[0], &context.connection,
                    request.mutable_campaign()->mutable_uuid());
  if (!status.ok()) return status;
  request.mutable_campaign()->set_status(wanted);
  v1::OutCampaignUpdateResponse response;
  status = context.connection.Call(KindOf("campaign").update, request, &response);
  *campaign = response.campaign();
  return status;
}

CommandStatus RunSetStatus(const CommandContext& context, v1::CampaignStatus wanted) {
  const absl::Time begin = context.io.now();
  v1::Campaign campaign;
  CommandStatus status = SetStatus(context, wanted, &campaign);
  if (!status.ok()) return status;
  if (context.flags.Has("wait")) {
    v1::CampaignStat stat;
    status = WaitUntilAtRest(campaign.uuid(), context, &campaign, &stat);
    if (!status.ok()) return status;
    PrintSummary(campaign, stat, context.io.now() - begin, context);
    return Ok();
  }
  if (context.format != OutputFormat::kText) {
    PrintOne(context.format, campaign, &context.io.out);
    return Ok();
  }
  context.io.out << "campaign " << campaign.uuid() << ": " << FieldText(campaign, "status") << '\n';
  return Ok();
}

Command StatusCommand(absl::string_view verb, v1::CampaignStatus wanted, absl::string_view summary,
                      absl::string_view wait) {
  return {.noun = "campaign",
          .verb = std::string(verb),
          .summary = std::string(summary),
          .arguments = {{.name = "UUID|NAME",
                         .help = "The campaign: its uuid, or its exact name.",
                         .required = true}},
          .flags = {{.name = "wait", .help = std::string(wait)}},
          .run = [wanted](const CommandContext& context) { return RunSetStatus(context, wanted); }};
}

}  // namespace

std::vector<Command> CampaignCommands() {
  constexpr char kWaitEnd[] =
      "Wait until its last call has ended, with progress on standard error, and print a summary.";
  return {
      {.noun = "campaign",
       .verb = "stat",
       .summary = "Shows exact statistics of one campaign, or of all.",
       .arguments = {{.name = "UUID|NAME",
                      .help = "The campaign: its uuid, or its exact name. Absent: all."}},
       .run = RunStat},
      StatusCommand(
          "start", v1::CAMPAIGN_STATUS_START, "Starts a campaign, or resumes a paused one.",
          "Wait until it has stopped or paused by itself or by another command, with live "
          "progress on standard error, and print a summary."),
      StatusCommand("stop", v1::CAMPAIGN_STATUS_STOP,
                    "Stops a campaign: no new call; calls in progress go on to their end.",
                    kWaitEnd),
      StatusCommand("pause", v1::CAMPAIGN_STATUS_PAUSE,
                    "Pauses a campaign: no new call until it is started again.", kWaitEnd),
      StatusCommand("force-stop", v1::CAMPAIGN_STATUS_STOPPING_FORCED,
                    "Stops a campaign and hangs up its calls.", kWaitEnd),
  };
}

}  // namespace outdial::cli
