#include "cli/text_view.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "cli/enum_names.h"
#include "outdial/v1/campaign_service.pb.h"
#include "outdial/v1/dialing_service.pb.h"
#include "outdial/v1/node.pb.h"
#include "outdial/v1/variable.pb.h"

namespace outdial::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string ScalarText(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      if (const auto* value = reflection->GetEnum(message, &field); value != nullptr) {
        return Words(*value);
      }
      return "";
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection->GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection->GetUInt64(message, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(reflection->GetDouble(message, &field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(message, &field) ? "yes" : "no";
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = reflection->GetString(message, &field);
      return absl::StartsWith(field.name(), "tm_") ? ShortTime(text) : text;
    }
    default:
      return "";
  }
}

int FreeAgents(const v1::NodeQueue& queue) {
  return static_cast<int>(std::count_if(queue.members().begin(), queue.members().end(),
                                        [](const auto& member) { return member.free(); }));
}

// A message inside a list, in one line.
std::string InnerText(const Message& message) {
  if (const auto* variable = dynamic_cast<const v1::Variable*>(&message)) {
    return absl::StrCat(variable->name(), "=", variable->value());
  }
  if (const auto* count = dynamic_cast<const v1::OutcomeCount*>(&message)) {
    return absl::StrCat(FieldText(*count, "outcome"), " ", count->count());
  }
  if (const auto* queue = dynamic_cast<const v1::NodeQueue*>(&message)) {
    return absl::StrCat(queue->name(), " (", FreeAgents(*queue), " of ", queue->members_size(),
                        " agents free, ", queue->waiting(), " waiting)");
  }
  return message.ShortDebugString();
}

std::string RepeatedText(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  std::vector<std::string> parts;
  for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        parts.push_back(InnerText(reflection->GetRepeatedMessage(message, &field, i)));
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        parts.push_back(absl::StrCat(reflection->GetRepeatedUInt32(message, &field, i)));
        break;
      default:
        if (std::string text = reflection->GetRepeatedString(message, &field, i); !text.empty()) {
          parts.push_back(std::move(text));
        }
    }
  }
  const bool is_count = field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32;
  return absl::StrJoin(parts, is_count ? " " : ", ");
}

std::string ValueText(const Message& message, const FieldDescriptor& field) {
  if (field.is_repeated()) return RepeatedText(message, field);
  if (field.has_presence() && !message.GetReflection()->HasField(message, &field)) return "";
  return ScalarText(message, field);
}

Column FieldColumn(absl::string_view title, absl::string_view field) {
  return {std::string(title),
          [name = std::string(field)](const Message& message) { return FieldText(message, name); }};
}

template <class Record>
Column TypedColumn(absl::string_view title, std::string (*cell)(const Record&)) {
  return {std::string(title),
          [cell](const Message& message) { return cell(static_cast<const Record&>(message)); }};
}

std::string WaitsFor(const v1::Campaign& campaign) {
  return campaign.has_status_detail() ? campaign.status_detail() : campaign.wait_detail();
}

std::string Target(const v1::Destination& destination) {
  if (destination.type() == v1::DESTINATION_TYPE_APPLICATION) {
    return absl::StrCat(destination.application(), "(", destination.data(), ")");
  }
  if (destination.exten().empty()) return "";
  return absl::StrCat(destination.exten(), "@", destination.context());
}

// `answered, normal clearing`: what is known of how it ended.
std::string Ending(const v1::Dialing& dialing) {
  std::string text = FieldText(dialing, "res_dial_detail");
  if (text.empty()) text = FieldText(dialing, "res_dial");
  const std::string& hangup = dialing.res_hangup_detail();
  return hangup.empty() ? text : absl::StrCat(text, text.empty() ? "" : ", ", hangup);
}

std::string Calls(const v1::Node& node) {
  return absl::StrCat(node.calls(), "/", node.max_calls());
}
// `sales 3/4`: free of all, for the queues that have agents.
std::string Agents(const v1::Node& node) {
  std::vector<std::string> queues;
  for (const v1::NodeQueue& queue : node.queues()) {
    if (queue.members().empty()) continue;
    queues.push_back(absl::StrCat(queue.name(), " ", FreeAgents(queue), "/", queue.members_size()));
  }
  return absl::StrJoin(queues, ", ");
}

// Each problem is a sentence of its own.
std::string Problems(const v1::Node& node) { return absl::StrJoin(node.problems(), "; "); }

std::string Address(const v1::Node& node) { return absl::StrCat(node.host(), ":", node.port()); }

// Columns of a Result are those of its dialing.
std::vector<Column> OfDialing(const std::vector<Column>& columns) {
  std::vector<Column> result;
  for (const Column& column : columns) {
    result.push_back({column.title, [cell = column.cell](const Message& message) {
                        return cell(static_cast<const v1::Result&>(message).dialing());
                      }});
  }
  return result;
}

std::map<const Descriptor*, std::vector<Column>> MakeColumns() {
  const std::vector<Column> ended = {
      FieldColumn("ENDED", "tm_delete"),       FieldColumn("NUMBER", "dial_addr"),
      FieldColumn("TRY", "dial_trycnt"),       FieldColumn("OUTCOME", "outcome"),
      FieldColumn("AGENT", "agent"),           FieldColumn("DIALING", "uuid"),
      TypedColumn<v1::Dialing>("HOW", Ending),
  };
  return {
      {v1::Campaign::descriptor(),
       {FieldColumn("UUID", "uuid"), FieldColumn("NAME", "name"), FieldColumn("STATUS", "status"),
        FieldColumn("CREATED", "tm_create"), TypedColumn<v1::Campaign>("WAITS FOR", WaitsFor)}},
      {v1::CampaignStat::descriptor(),
       {FieldColumn("CAMPAIGN", "uuid"), FieldColumn("TOTAL", "dl_total_count"),
        FieldColumn("FINISHED", "dl_finished_count"),
        FieldColumn("AVAILABLE", "dl_available_count"), FieldColumn("DIALING", "dl_dialing_count"),
        FieldColumn("CALLED", "dl_called_count"), FieldColumn("OUTCOMES", "outcomes")}},
      {v1::Plan::descriptor(),
       {FieldColumn("UUID", "uuid"), FieldColumn("NAME", "name"), FieldColumn("MODE", "dial_mode"),
        FieldColumn("TIMEOUT MS", "dial_timeout"), FieldColumn("RETRY DELAY S", "retry_delay"),
        FieldColumn("TRUNK", "trunk_name"), FieldColumn("MAX RETRY", "max_retry")}},
      {v1::Dlma::descriptor(),
       {FieldColumn("UUID", "uuid"), FieldColumn("NAME", "name"),
        FieldColumn("CREATED", "tm_create"), FieldColumn("DETAIL", "detail")}},
      {v1::Dl::descriptor(),
       {FieldColumn("UUID", "uuid"), FieldColumn("NAME", "name"), FieldColumn("STATUS", "status"),
        FieldColumn("OUTCOME", "outcome"), FieldColumn("LAST DIAL", "tm_last_dial"),
        FieldColumn("TRIES", "trycnt"), FieldColumn("NUMBERS", "number")}},
      {v1::Destination::descriptor(),
       {FieldColumn("UUID", "uuid"), FieldColumn("NAME", "name"), FieldColumn("TYPE", "type"),
        FieldColumn("QUEUE", "agent_queue"), TypedColumn<v1::Destination>("TARGET", Target)}},
      {v1::Dialing::descriptor(),
       {FieldColumn("UUID", "uuid"), FieldColumn("STATUS", "status"),
        FieldColumn("NUMBER", "dial_addr"), FieldColumn("TRY", "dial_trycnt"),
        FieldColumn("NODE", "node"), FieldColumn("BEGAN", "tm_create"),
        FieldColumn("ANSWERED", "tm_answer"), FieldColumn("AGENT", "agent")}},
      {v1::Result::descriptor(), OfDialing(ended)},
      {v1::Node::descriptor(),
       {FieldColumn("NAME", "name"), TypedColumn<v1::Node>("ADDRESS", Address),
        FieldColumn("STATE", "state"), TypedColumn<v1::Node>("CALLS", Calls),
        FieldColumn("CALLS/S", "calls_per_second"), FieldColumn("VERSION", "version"),
        TypedColumn<v1::Node>("FREE AGENTS", Agents), TypedColumn<v1::Node>("PROBLEMS", Problems)}},
  };
}

void AddFields(const Message& message, const std::string& prefix,
               std::vector<std::pair<std::string, std::string>>* fields) {
  const Descriptor* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    const std::string name = prefix + field.name();
    if (!field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      if (!message.GetReflection()->HasField(message, &field)) continue;
      AddFields(message.GetReflection()->GetMessage(message, &field), name + ".", fields);
    } else if (std::string text = ValueText(message, field); !text.empty()) {
      fields->emplace_back(name, std::move(text));
    }
  }
}

}  // namespace

const std::vector<Column>& ColumnsOf(const Descriptor& type) {
  static const auto& columns = *new std::map<const Descriptor*, std::vector<Column>>(MakeColumns());
  return columns.at(&type);
}

std::string FieldText(const Message& message, absl::string_view field) {
  return ValueText(message, *message.GetDescriptor()->FindFieldByName(std::string(field)));
}

std::vector<std::pair<std::string, std::string>> AllFields(const Message& message) {
  std::vector<std::pair<std::string, std::string>> fields;
  AddFields(message, "", &fields);
  return fields;
}

std::string ShortTime(absl::string_view record_time) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, record_time, &time, &error)) {
    return std::string(record_time);
  }
  return absl::FormatTime("%Y-%m-%d %H:%M:%SZ", time, absl::UTCTimeZone());
}

}  // namespace outdial::cli
