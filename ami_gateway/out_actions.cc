#include "ami_gateway/out_actions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/out_request_reader.h"
#include "engine/check.h"
#include "outdial/v1/dialing_service.pb.h"

namespace outdial::ami {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::Message;

// Entries that a list shows where its client names no number: old clients hold a list in memory.
constexpr uint64_t kDefaultListedEntries = 100;

// The actions, each an RPC of the API, and what ListCommands says of it.
constexpr std::pair<absl::string_view, absl::string_view> kActions[] = {
    {"OutCampaignCreate", "Make a campaign out of a plan, a dial list and a destination."},
    {"OutCampaignUpdate", "Change a campaign, or start, pause or stop it by its status."},
    {"OutCampaignDelete", "Delete a stopped campaign."},
    {"OutCampaignShow", "List one campaign, or all."},
    {"OutCampaignStatShow", "List how far one campaign got with its dial list, or all of them."},
    {"OutPlanCreate", "Make a plan: how and when people are dialled."},
    {"OutPlanUpdate", "Change a plan; what is dialled next goes by it."},
    {"OutPlanDelete", "Delete a plan that no campaign uses."},
    {"OutPlanShow", "List one plan, or all."},
    {"OutDlmaCreate", "Make an empty dial list."},
    {"OutDlmaUpdate", "Change the name, detail or variables of a dial list."},
    {"OutDlmaDelete", "Delete a dial list, with its entries, that no campaign uses."},
    {"OutDlmaShow", "List one dial list, or all, without their entries."},
    {"OutDlListCreate", "Add a person with up to eight numbers to a dial list."},
    {"OutDlListUpdate", "Change an entry of a dial list."},
    {"OutDlListDelete", "Delete an entry of a dial list that is not being dialled."},
    {"OutDlListShow", "List one entry by Uuid, or those of a dial list by DlmaUuid."},
    {"OutDestinationCreate", "Make a destination: who gets a call once it is answered."},
    {"OutDestinationUpdate", "Change a destination; what is dialled next goes to it."},
    {"OutDestinationDelete", "Delete a destination that no campaign uses."},
    {"OutDestinationShow", "List one destination, or all."},
    {"OutDialingShow", "List one dialing, or all that are in progress."},
    {"OutDialingSummary", "Count the dialings in progress."},
};

// What a request would be to the engine; nullopt: it is none of its actions.
template <class... Alternatives>
std::optional<engine::Action> FindAlternative(const Message& request,
                                              std::type_identity<std::variant<Alternatives...>>) {
  std::optional<engine::Action> action;
  const auto try_one = [&]<class Alternative>(std::type_identity<Alternative>) {
    if constexpr (std::is_base_of_v<Message, Alternative>) {
      if (request.GetDescriptor() == Alternative::descriptor()) {
        action = static_cast<const Alternative&>(request);
      }
    }
  };
  (try_one(std::type_identity<Alternatives>()), ...);
  return action;
}

std::optional<engine::Action> AsEngineAction(const Message& request) {
  return FindAlternative(request, std::type_identity<engine::Action>());
}

const Descriptor* FindMessage(const std::string& name) {
  // Through a type of the API, so that the linker keeps it.
  const DescriptorPool* pool = v1::OutDialingShowRequest::descriptor()->file()->pool();
  const Descriptor* type = pool->FindMessageTypeByName(absl::StrCat("outdial.v1.", name));
  OUTDIAL_CHECK(type != nullptr, "every action has its messages in the proto");
  return type;
}

OutAction::Kind KindOf(absl::string_view name, const Descriptor& request) {
  const Message* prototype =
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&request);
  if (AsEngineAction(*prototype).has_value()) return OutAction::Kind::kChange;
  return absl::EndsWith(name, "Summary") ? OutAction::Kind::kSummary : OutAction::Kind::kShow;
}

std::vector<OutAction> MakeActions() {
  std::vector<OutAction> actions;
  for (const auto& [name, description] : kActions) {
    const Descriptor* request = FindMessage(absl::StrCat(name, "Request"));
    actions.push_back({.name = name,
                       .kind = KindOf(name, *request),
                       .description = description,
                       .request = request,
                       .response = FindMessage(absl::StrCat(name, "Response"))});
  }
  std::sort(actions.begin(), actions.end(),
            [](const OutAction& a, const OutAction& b) { return a.name < b.name; });
  return actions;
}

const OutRequestReader& ReaderOf(const OutAction& action) {
  using Readers = std::unordered_map<const Descriptor*, OutRequestReader>;
  static const Readers& readers = *[] {
    auto* made = new Readers();
    for (const OutAction& each : OutActions()) made->try_emplace(each.request, *each.request);
    return made;
  }();
  return readers.at(action.request);
}

}  // namespace

const std::vector<OutAction>& OutActions() {
  static const std::vector<OutAction>& actions = *new std::vector<OutAction>(MakeActions());
  return actions;
}

const OutAction* FindOutAction(absl::string_view name) {
  for (const OutAction& action : OutActions()) {
    if (absl::EqualsIgnoreCase(action.name, name)) return &action;
  }
  return nullptr;
}

bool IsOutActionName(absl::string_view name) { return absl::StartsWithIgnoreCase(name, "Out"); }

absl::StatusOr<std::unique_ptr<Message>> ReadOutRequest(const OutAction& action,
                                                        const AmiMessage& message) {
  absl::StatusOr<std::unique_ptr<Message>> request = ReaderOf(action).Read(message);
  if (!request.ok()) return request;
  if (auto* show = dynamic_cast<v1::OutDlListShowRequest*>(request->get());
      show != nullptr && show->has_dlma_uuid() && !show->has_count()) {
    show->set_count(kDefaultListedEntries);
  }
  return request;
}

engine::Action ToEngineAction(const Message& request) {
  std::optional<engine::Action> action = AsEngineAction(request);
  OUTDIAL_CHECK(action.has_value(), "only actions of kind kChange go to the engine");
  return *std::move(action);
}

}  // namespace outdial::ami
