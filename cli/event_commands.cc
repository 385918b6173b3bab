// event follow.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/event_flags.h"
#include "cli/json_text.h"
#include "cli/text_table.h"
#include "cli/text_view.h"
#include "outdial/v1/event_service.grpc.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Message;

CommandStatus MakeRequest(const CommandContext& context, v1::OutEventSubscribeRequest* request) {
  uint32_t heartbeat_seconds = 0;
  if (context.flags.Has("heartbeat")) {
    if (!absl::SimpleAtoi(context.flags.Get("heartbeat"), &heartbeat_seconds)) {
      return UsageError("--heartbeat: not a whole number of seconds");
    }
    request->set_heartbeat_seconds(heartbeat_seconds);
  }
  request->set_until_newest(context.flags.Has("until-newest"));
  return ApplyEventFlags(context, request);
}

// How far a dialing is: `hung up, handled`, `with agent PJSIP/7`, `answered`, else its status.
std::string Course(const v1::Dialing& dialing) {
  if (dialing.status() == v1::DIALING_STATUS_HUNG_UP) {
    return absl::StrCat("hung up, ", FieldText(dialing, "outcome"));
  }
  if (dialing.has_tm_agent_connect()) return absl::StrCat("with agent ", dialing.agent());
  if (!dialing.queue().empty()) return absl::StrCat("answered, in queue ", dialing.queue());
  return dialing.has_tm_answer() ? "answered" : FieldText(dialing, "status");
}

// What the event's record says in a few words.
std::string Gist(const v1::Event& event) {
  switch (event.record_case()) {
    case v1::Event::kCampaign:
      return absl::StrCat(event.campaign().name(), " ", FieldText(event.campaign(), "status"));
    case v1::Event::kPlan:
      return event.plan().name();
    case v1::Event::kDlma:
      return event.dlma().name();
    case v1::Event::kDl:
      return event.dl().name();
    case v1::Event::kDestination:
      return event.destination().name();
    case v1::Event::kDialing:
      return absl::StrCat(event.dialing().dial_addr(), " ", Course(event.dialing()));
    case v1::Event::kImportSlice:
      return absl::StrCat(event.import_slice().accepted(), " rows taken, ",
                          event.import_slice().refused(), " refused");
    case v1::Event::kNodeReconcile: {
      const v1::NodeReconcile& reconcile = event.node_reconcile();
      return absl::StrCat(reconcile.node(), ": ", reconcile.adopted(), " calls go on, ",
                          reconcile.gone(), " are gone, ", reconcile.pending(), " may still come");
    }
    case v1::Event::RECORD_NOT_SET:
      return "";
  }
  return "";
}

// `2026-11-22 20:53:10Z  dialing update  UUID  5550100 dial begun`
std::string Line(const v1::Event& event) {
  std::string kind = FieldText(event, "kind");
  kind = std::string(absl::StripPrefix(kind, "out "));
  kind.resize(std::max<size_t>(kind.size(), 18), ' ');
  return absl::StrCat(ShortTime(event.tm()), "  ", kind, "  ", event.uuid(), "  ",
                      Printable(Gist(event)));
}

CommandStatus RunFollow(const CommandContext& context) {
  static const auto& rpc =
      *new StreamRpc(MakeStreamRpc(&v1::OutEventService::Stub::OutEventSubscribe));
  v1::OutEventSubscribeRequest request;
  if (CommandStatus status = MakeRequest(context, &request); !status.ok()) return status;
  std::string position = request.after_position();
  CommandStatus status = context.connection.Stream(
      rpc, Connection::Length::kLong, request, [&](const Message& message) {
        const auto& response = static_cast<const v1::OutEventSubscribeResponse&>(message);
        for (const v1::Event& event : response.events()) {
          context.io.out << (context.format == OutputFormat::kText ? Line(event) : ToJson(event))
                         << '\n';
        }
        context.io.out.flush();
        if (!response.position().empty()) position = response.position();
        return context.io.out.good();
      });
  if (status.ok() && context.io.out.good() && !request.until_newest()) {
    status = {ExitCode::kUnavailable, "the server ended the stream", {}};
  }
  if (!status.ok() && !position.empty()) {
    status.details.push_back(absl::StrCat("go on with: --after ", position));
  }
  return status;
}

}  // namespace

std::vector<Command> EventCommands() {
  std::vector<Flag> flags = EventFlags(
      "Go on after the event with this position; `oldest` begins with the "
      "oldest that is kept. Absent: only what happens from now on.");
  flags.push_back({.name = "heartbeat",
                   .value = "SECONDS",
                   .help = "Have the server send a sign of life, of which nothing is printed, when "
                           "nothing happened for so long, 1 to 3600; keeps a connection open "
                           "through a firewall that cuts idle ones. Default 30.",
                   .aliases = {"heartbeat-seconds"}});
  flags.push_back(
      {.name = "until-newest", .help = "End after the newest event that there is now."});
  return {
      {.noun = "event",
       .verb = "follow",
       .summary = "Prints what happens, as it happens, until interrupted.",
       .flags = std::move(flags),
       .notes = {"With --output json or jsonl each line is one event. When it ends it says where "
                 "to go on, so that no event is missed or seen twice."},
       .run = RunFollow}};
}

}  // namespace outdial::cli
