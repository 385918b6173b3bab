// Everything in the API can be done from the command line: each RPC has a command, and each field
// of its request a flag or an argument.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/command_table.h"
#include "outdial/v1/destination_service.grpc.pb.h"
#include "tests/cli/fake_server.h"

namespace outdial::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const std::vector<const google::protobuf::FileDescriptor*>& ServiceFiles() {
  static const auto& files = *new std::vector<const google::protobuf::FileDescriptor*>{
      v1::OutCampaignCreateRequest::descriptor()->file(),
      v1::OutPlanCreateRequest::descriptor()->file(),
      v1::OutDlmaCreateRequest::descriptor()->file(),
      v1::OutDlListCreateRequest::descriptor()->file(),
      v1::OutDestinationCreateRequest::descriptor()->file(),
      v1::OutDialingShowRequest::descriptor()->file(),
      v1::OutEventSubscribeRequest::descriptor()->file(),
      v1::OutNodeShowRequest::descriptor()->file(),
  };
  return files;
}

// `OutDlListImport` -> `dl import`.
std::string CommandOf(const std::string& rpc) {
  static const auto& irregular = *new std::map<std::string, std::string>{
      {"OutCampaignStatShow", "campaign stat"},
      {"OutDlListImport", "dl import"},
      {"OutDialingSummary", "dialing summary"},
      {"OutEventSubscribe", "event follow"},
  };
  if (const auto found = irregular.find(rpc); found != irregular.end()) return found->second;
  const size_t verb = rpc.find_last_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  const std::string noun = rpc.substr(3, verb - 3);
  return absl::AsciiStrToLower(absl::StrCat(noun == "DlList" ? "dl" : noun, " ", rpc.substr(verb)));
}

const Command* FindCommand(const std::string& name) {
  for (const Command& command : Commands()) {
    if (command.name() == name) return &command;
  }
  return nullptr;
}

// Names under which the command takes values: flags with their other spellings, and arguments.
std::set<std::string> Names(const Command& command) {
  std::set<std::string> names;
  for (const Flag& flag : command.flags) {
    names.insert(flag.name);
    names.insert(flag.aliases.begin(), flag.aliases.end());
  }
  for (const Argument& argument : command.arguments) names.insert(argument.name);
  return names;
}

// Where a flag has another name than the field, or eight flags stand for one field.
std::vector<std::string> NamesOf(const FieldDescriptor& field) {
  static const auto& others = *new std::map<std::string, std::vector<std::string>>{
      {"uuid", {"UUID", "UUID|NAME"}},
      {"name", {"name", "NAME"}},
      {"clear_fields", {"clear"}},
      {"set_number", {"number8"}},
      {"set_max_retry", {"max-retry8"}},
      {"number", {"number8"}},
      {"max_retry", {"max-retry8"}},
      {"trycnt", {"trycnt8"}},
      {"variables", {"variable"}},
      {"after_position", {"after"}},
      {"after_uuid", {"after"}},
      {"kinds", {"kind"}},
      {"outcomes", {"outcome"}},
      {"camp_uuids", {"camp-uuid"}},
      // The rows of the file.
      {"batch", {"FILE"}},
  };
  const auto found = others.find(field.name());
  if (found != others.end()) return found->second;
  return {absl::StrReplaceAll(field.name(), {{"_", "-"}})};
}

// What the server sets, and what only a create may set.
bool IsWritable(const FieldDescriptor& field, bool is_create) {
  static const auto& made = *new std::set<std::string>{
      "uuid",         "revision",          "tm_create",         "tm_update",    "tm_delete",
      "dl_table",     "wait_reason",       "wait_detail",       "tm_last_dial", "tm_last_hangup",
      "dialing_uuid", "dialing_camp_uuid", "dialing_plan_uuid", "status_detail"};
  static const auto& create_only =
      *new std::set<std::string>{"dlma_uuid",  "trycnt",          "outcome",          "res_dial",
                                 "res_hangup", "res_dial_detail", "res_hangup_detail"};
  if (made.count(field.name()) > 0) return false;
  if (field.full_name() == "outdial.v1.Dl.status") return false;
  const bool is_of_dl = field.containing_type()->name() == "Dl";
  return is_create || !is_of_dl || create_only.count(field.name()) == 0;
}

bool IsRecord(const FieldDescriptor& field) {
  static const auto& records =
      *new std::set<std::string>{"Campaign", "Plan", "Dlma", "Dl", "Destination"};
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated() &&
         records.count(field.message_type()->name()) > 0;
}

void ExpectNamed(const FieldDescriptor& field, const Command& command) {
  const std::set<std::string> names = Names(command);
  for (const std::string& name : NamesOf(field)) {
    if (names.count(name) > 0) return;
  }
  ADD_FAILURE() << "`" << command.name() << "` has nothing for " << field.full_name();
}

void ExpectFieldsNamed(const Descriptor& type, const Command& command) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (field.name() == "begin") {
      ExpectFieldsNamed(*field.message_type(), command);
    } else if (IsRecord(field)) {
      for (int j = 0; j < field.message_type()->field_count(); ++j) {
        const FieldDescriptor& inner = *field.message_type()->field(j);
        if (IsWritable(inner, command.verb == "create")) ExpectNamed(inner, command);
      }
    } else {
      ExpectNamed(field, command);
    }
  }
}

TEST(WholeApiTest, EachRpcHasItsCommandAndEachFieldOfItsRequestAFlag) {
  int rpcs = 0;
  for (const auto* file : ServiceFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j, ++rpcs) {
        const auto& rpc = *file->service(i)->method(j);
        const Command* command = FindCommand(CommandOf(rpc.name()));
        ASSERT_NE(command, nullptr) << rpc.name() << ": no command " << CommandOf(rpc.name());
        ExpectFieldsNamed(*rpc.input_type(), *command);
      }
    }
  }
  EXPECT_GE(rpcs, 26);
}

}  // namespace
}  // namespace outdial::cli
