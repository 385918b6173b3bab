#include "cli/record_kinds.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "outdial/v1/campaign_service.grpc.pb.h"
#include "outdial/v1/destination_service.grpc.pb.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "outdial/v1/dlma_service.grpc.pb.h"
#include "outdial/v1/plan_service.grpc.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<RecordKind> MakeKinds() {
  using Campaigns = v1::OutCampaignService::Stub;
  using Plans = v1::OutPlanService::Stub;
  using Dlmas = v1::OutDlmaService::Stub;
  using Dls = v1::OutDlListService::Stub;
  using Destinations = v1::OutDestinationService::Stub;
  return {
      {"campaign", "campaign", "campaign", v1::Campaign::descriptor(),
       MakeUnaryRpc(&Campaigns::OutCampaignCreate), MakeUnaryRpc(&Campaigns::OutCampaignUpdate),
       MakeUnaryRpc(&Campaigns::OutCampaignDelete), MakeStreamRpc(&Campaigns::OutCampaignShow)},
      {"plan", "plan", "plan", v1::Plan::descriptor(), MakeUnaryRpc(&Plans::OutPlanCreate),
       MakeUnaryRpc(&Plans::OutPlanUpdate), MakeUnaryRpc(&Plans::OutPlanDelete),
       MakeStreamRpc(&Plans::OutPlanShow)},
      {"dlma", "dial list", "dlma", v1::Dlma::descriptor(), MakeUnaryRpc(&Dlmas::OutDlmaCreate),
       MakeUnaryRpc(&Dlmas::OutDlmaUpdate), MakeUnaryRpc(&Dlmas::OutDlmaDelete),
       MakeStreamRpc(&Dlmas::OutDlmaShow)},
      {"dl", "dial list entry", "dl", v1::Dl::descriptor(), MakeUnaryRpc(&Dls::OutDlListCreate),
       MakeUnaryRpc(&Dls::OutDlListUpdate), MakeUnaryRpc(&Dls::OutDlListDelete),
       MakeStreamRpc(&Dls::OutDlListShow)},
      {"destination", "destination", "destination", v1::Destination::descriptor(),
       MakeUnaryRpc(&Destinations::OutDestinationCreate),
       MakeUnaryRpc(&Destinations::OutDestinationUpdate),
       MakeUnaryRpc(&Destinations::OutDestinationDelete),
       MakeStreamRpc(&Destinations::OutDestinationShow)},
  };
}

const FieldDescriptor* Field(absl::string_view name, const Message& message) {
  return message.GetDescriptor()->FindFieldByName(std::string(name));
}

// The 8-4-4-4-12 form, in either case.
bool LooksLikeUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

}  // namespace

const RecordKind& KindOf(absl::string_view noun) {
  static const auto& kinds = *new std::vector<RecordKind>(MakeKinds());
  for (const RecordKind& kind : kinds) {
    if (kind.noun == noun) return kind;
  }
  std::abort();  // the command table names only nouns that are above
}

std::string ReferencedNoun(const FieldDescriptor& field) {
  static const auto& nouns = *new std::map<std::string, std::string>{
      {"outdial.v1.Campaign.plan", "plan"},
      {"outdial.v1.Campaign.dlma", "dlma"},
      {"outdial.v1.Campaign.dest", "destination"},
      {"outdial.v1.Campaign.next_campaign", "campaign"},
      {"outdial.v1.Dl.dlma_uuid", "dlma"},
  };
  const auto found = nouns.find(field.full_name());
  return found == nouns.end() ? "" : found->second;
}

CommandStatus ResolveRecord(const RecordKind& kind, absl::string_view text, Connection* connection,
                            std::string* uuid) {
  if (LooksLikeUuid(text)) {
    *uuid = std::string(text);
    return Ok();
  }
  if (kind.noun == "dl") {
    return UsageError(absl::StrCat("'", text,
                                   "' is not a uuid; entries are named by uuid only, and ",
                                   "`dl show --dlma LIST` shows those of a list"));
  }
  std::vector<std::string> found;
  const auto collect = [&](const Message& record) {
    if (Text("name", record) == text) found.push_back(Text("uuid", record));
  };
  CommandStatus status = connection->Stream(kind.show, Connection::Length::kShort,
                                            *kind.show.request, [&](const Message& response) {
                                              ForEachRecord(response, collect);
                                              return true;
                                            });
  if (!status.ok()) return status;
  if (found.empty()) {
    return {ExitCode::kNotFound,
            absl::StrCat("no ", kind.title, " is named '", text, "'"),
            {absl::StrCat("outdialctl ", kind.noun, " show lists all")}};
  }
  if (found.size() > 1) {
    return {
        ExitCode::kInvalid,
        absl::StrCat("'", text, "' is the name of more than one ", kind.title, "; give the uuid"),
        found};
  }
  *uuid = found[0];
  return Ok();
}

std::unique_ptr<Message> NewMessage(const Message& prototype) {
  return std::unique_ptr<Message>(prototype.New());
}

Message* MutableSub(absl::string_view name, Message* message) {
  return message->GetReflection()->MutableMessage(message, Field(name, *message));
}

const Message& Sub(absl::string_view name, const Message& message) {
  return message.GetReflection()->GetMessage(message, Field(name, message));
}

std::string Text(absl::string_view name, const Message& message) {
  return message.GetReflection()->GetString(message, Field(name, message));
}

void SetText(absl::string_view name, absl::string_view value, Message* message) {
  message->GetReflection()->SetString(message, Field(name, *message), std::string(value));
}

void ForEachRecord(const Message& response, const std::function<void(const Message&)>& visit) {
  const auto* descriptor = response.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (!field->is_repeated()) continue;
    const auto* reflection = response.GetReflection();
    for (int j = 0; j < reflection->FieldSize(response, field); ++j) {
      visit(reflection->GetRepeatedMessage(response, field, j));
    }
    return;
  }
}

}  // namespace outdial::cli
