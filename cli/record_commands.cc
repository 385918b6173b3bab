// create, update, delete and show: the same for every kind of record.
#include <algorithm>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/dl_filters.h"
#include "cli/field_flags.h"
#include "cli/record_kinds.h"
#include "cli/record_printer.h"
#include "outdial/v1/dl_list_service.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Message;

Argument RecordArgument(const RecordKind& kind, bool required) {
  const bool by_name = kind.noun != "dl";
  return {.name = by_name ? "UUID|NAME" : "UUID",
          .help = absl::StrCat("The ", kind.title, by_name ? ": its uuid, or its exact name." : ".",
                               required ? "" : " Absent: all."),
          .required = required};
}

Flag ExpectedRevisionFlag() {
  return {.name = "expected-revision",
          .value = "N",
          .help = "Refuse unless this is the record's revision."};
}

CommandStatus SetExpectedRevision(const FlagValues& flags, Message* request) {
  if (!flags.Has("expected-revision")) return Ok();
  uint64_t revision = 0;
  if (!absl::SimpleAtoi(flags.Get("expected-revision"), &revision)) {
    return UsageError("--expected-revision: not a whole number");
  }
  request->GetReflection()->SetUInt64(
      request, request->GetDescriptor()->FindFieldByName("expected_revision"), revision);
  return Ok();
}

CommandStatus RunCreate(const RecordKind& kind, const CommandContext& context) {
  const std::unique_ptr<Message> request = NewMessage(*kind.create.request);
  MutableSub(kind.field, request.get());
  CommandStatus status =
      ApplyFieldFlags(kind, WriteVerb::kCreate, context.flags, &context.connection, request.get());
  if (!status.ok()) return status;
  if (context.flags.Has("request-id")) {
    SetText("request_id", context.flags.Get("request-id"), request.get());
  }
  const std::unique_ptr<Message> response = NewMessage(*kind.create.response);
  status = context.connection.Call(kind.create, *request, response.get());
  if (!status.ok()) return status;
  const Message& record = Sub(kind.field, *response);
  if (context.format == OutputFormat::kText) {
    context.io.out << Text("uuid", record) << '\n';
  } else {
    PrintOne(context.format, record, &context.io.out);
  }
  return Ok();
}

CommandStatus AddClearFields(const RecordKind& kind, const FlagValues& flags, Message* request) {
  const auto* field = request->GetDescriptor()->FindFieldByName("clear_fields");
  for (const std::string& name : flags.All("clear")) {
    const std::string known = ClearableField(kind, name);
    if (known.empty()) {
      return UsageError(absl::StrCat("--clear: '", name, "' is not one of ",
                                     absl::StrJoin(ClearableNames(kind), ", ")));
    }
    request->GetReflection()->AddString(request, field, known);
  }
  return Ok();
}

// Sends an update or a delete and prints the record as the server gave it back.
CommandStatus SendChange(const UnaryRpc& rpc, const RecordKind& kind, absl::string_view done,
                         const CommandContext& context, const Message& request) {
  const std::unique_ptr<Message> response = NewMessage(*rpc.response);
  CommandStatus status = context.connection.Call(rpc, request, response.get());
  if (!status.ok()) return status;
  const Message& record = Sub(kind.field, *response);
  if (context.format == OutputFormat::kText) {
    context.io.out << kind.title << ' ' << Text("uuid", record) << ' ' << done << '\n';
  } else {
    PrintOne(context.format, record, &context.io.out);
  }
  return Ok();
}

bool ChangesAnything(const RecordKind& kind, const FlagValues& flags) {
  const std::vector<Flag> fields = FieldFlags(kind, WriteVerb::kUpdate);
  return flags.Has("clear") || std::any_of(fields.begin(), fields.end(),
                                           [&](const Flag& flag) { return flags.Has(flag.name); });
}

CommandStatus RunUpdate(const RecordKind& kind, const CommandContext& context) {
  if (!ChangesAnything(kind, context.flags)) {
    return UsageError("nothing to change: give a flag for a field, or --clear");
  }
  const std::unique_ptr<Message> request = NewMessage(*kind.update.request);
  std::string uuid;
  CommandStatus status = ResolveRecord(kind, context.arguments[0], &context.connection, &uuid);
  if (!status.ok()) return status;
  status =
      ApplyFieldFlags(kind, WriteVerb::kUpdate, context.flags, &context.connection, request.get());
  if (!status.ok()) return status;
  status = AddClearFields(kind, context.flags, request.get());
  if (!status.ok()) return status;
  SetText("uuid", uuid, MutableSub(kind.field, request.get()));
  status = SetExpectedRevision(context.flags, request.get());
  if (!status.ok()) return status;
  return SendChange(kind.update, kind, "updated", context, *request);
}

CommandStatus RunDelete(const RecordKind& kind, const CommandContext& context) {
  const std::unique_ptr<Message> request = NewMessage(*kind.remove.request);
  std::string uuid;
  CommandStatus status = ResolveRecord(kind, context.arguments[0], &context.connection, &uuid);
  if (!status.ok()) return status;
  SetText("uuid", uuid, request.get());
  status = SetExpectedRevision(context.flags, request.get());
  if (!status.ok()) return status;
  return SendChange(kind.remove, kind, "deleted", context, *request);
}

// What `dl show` has beyond the others: a list to show, and paging.
CommandStatus FillDlShow(const CommandContext& context, v1::OutDlListShowRequest* request) {
  if (request->has_uuid() == context.flags.Has("dlma")) {
    return UsageError("name one entry, or a list with --dlma");
  }
  if (context.flags.Has("dlma")) {
    CommandStatus status = ResolveRecord(KindOf("dlma"), context.flags.Get("dlma"),
                                         &context.connection, request->mutable_dlma_uuid());
    if (!status.ok()) return status;
  }
  return ApplyDlFilters(context, request);
}

CommandStatus RunShow(const RecordKind& kind, const CommandContext& context) {
  const std::unique_ptr<Message> request = NewMessage(*kind.show.request);
  const bool one = !context.arguments[0].empty();
  if (one) {
    std::string uuid;
    CommandStatus status = ResolveRecord(kind, context.arguments[0], &context.connection, &uuid);
    if (!status.ok()) return status;
    SetText("uuid", uuid, request.get());
  }
  auto length = Connection::Length::kShort;
  if (auto* dl_request = dynamic_cast<v1::OutDlListShowRequest*>(request.get())) {
    length = Connection::Length::kLong;
    if (CommandStatus s = FillDlShow(context, dl_request); !s.ok()) return s;
  }
  RecordPrinter printer(context.format, one ? Layout::kOne : Layout::kMany, *kind.record,
                        &context.io.out);
  CommandStatus status =
      context.connection.Stream(kind.show, length, *request, [&](const Message& response) {
        ForEachRecord(response, [&](const Message& record) { printer.Add(record); });
        return context.io.out.good();
      });
  if (status.ok()) printer.Finish();
  return status;
}

std::vector<Flag> CreateFlags(const RecordKind& kind) {
  std::vector<Flag> flags = FieldFlags(kind, WriteVerb::kCreate);
  for (Flag& flag : flags) flag.required = kind.noun == "dl" && flag.name == "dlma";
  flags.push_back({.name = "request-id",
                   .value = "ID",
                   .help = "Your own id of this request: given again with the same flags, nothing "
                           "more is made and the first answer is printed."});
  return flags;
}

std::vector<Flag> UpdateFlags(const RecordKind& kind) {
  std::vector<Flag> flags = FieldFlags(kind, WriteVerb::kUpdate);
  flags.push_back({.name = "clear",
                   .value = "FIELD",
                   .help = "Make this field absent again, or give it back its default.",
                   .choices = ClearableNames(kind),
                   .repeated = true});
  flags.push_back(ExpectedRevisionFlag());
  return flags;
}

std::vector<Flag> ShowFlags(const RecordKind& kind) {
  if (kind.noun != "dl") return {};
  std::vector<Flag> flags = {{.name = "dlma",
                              .value = "UUID|NAME",
                              .help = "Show the entries of this dial list, oldest first.",
                              .aliases = {"dlma-uuid"}}};
  for (Flag& flag : DlFilterFlags()) flags.push_back(std::move(flag));
  return flags;
}

}  // namespace

std::vector<Command> RecordCommands(absl::string_view noun) {
  const RecordKind& kind = KindOf(noun);
  const auto bind = [&kind](CommandStatus (*run)(const RecordKind&, const CommandContext&)) {
    return [&kind, run](const CommandContext& context) { return run(kind, context); };
  };
  return {
      {.noun = kind.noun,
       .verb = "create",
       .summary = absl::StrCat("Makes a ", kind.title, " and prints its uuid."),
       .flags = CreateFlags(kind),
       .run = bind(RunCreate)},
      {.noun = kind.noun,
       .verb = "update",
       .summary = absl::StrCat("Changes the given fields of a ", kind.title, "."),
       .arguments = {RecordArgument(kind, true)},
       .flags = UpdateFlags(kind),
       .notes = {"Flags that are not given leave their fields as they are. One --variable replaces "
                 "the whole set of variables."},
       .run = bind(RunUpdate)},
      {.noun = kind.noun,
       .verb = "delete",
       .summary = absl::StrCat("Deletes a ", kind.title, ". Its results stay readable."),
       .arguments = {RecordArgument(kind, true)},
       .flags = {ExpectedRevisionFlag()},
       .run = bind(RunDelete)},
      {.noun = kind.noun,
       .verb = "show",
       .summary = kind.noun == "dl"
                      ? "Shows one dial list entry with all its fields, or those of a list."
                      : absl::StrCat("Shows one ", kind.title,
                                     " with all its fields, or lists all ", kind.title, "s."),
       .arguments = {RecordArgument(kind, false)},
       .flags = ShowFlags(kind),
       .run = bind(RunShow)},
  };
}

}  // namespace outdial::cli
