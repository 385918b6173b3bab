#include "ami_gateway/out_fields.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/check.h"
#include "engine/dl_class.h"
#include "outdial/v1/campaign_service.pb.h"
#include "outdial/v1/destination_service.pb.h"
#include "outdial/v1/dialing_service.pb.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "outdial/v1/dlma_service.pb.h"
#include "outdial/v1/event.pb.h"
#include "outdial/v1/plan_service.pb.h"

namespace outdial::ami {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// ---- What goes by no rule

// Fields whose header is not their name in PascalCase.
constexpr std::pair<absl::string_view, absl::string_view> kHeaderNames[] = {
    {"ukey", "UKey"},          {"udata", "UData"},
    {"trycnt", "TryCnt"},      {"dial_trycnt", "DialTryCnt"},
    {"variables", "Variable"},
};

// Fields that entries name otherwise than requests.
constexpr std::pair<absl::string_view, absl::string_view> kEntryHeaderNames[] = {
    {"max_retry", "MaxRetryCnt"},
};

// The order of a record's headers. What is in neither list stands between the two, in the order of
// the proto, unless the owner's document leaves no room for more.
struct RecordOrder {
  const Descriptor* record;
  std::vector<absl::string_view> first;
  std::vector<absl::string_view> last;
  bool is_whole = false;
};

std::vector<RecordOrder> RecordOrders() {
  return {
      {v1::Campaign::descriptor(),
       {"uuid", "name", "detail", "status", "plan", "dlma", "dest", "sc_mode", "sc_time_start",
        "sc_time_end", "sc_date_start", "sc_date_end", "sc_date_list", "sc_date_list_except",
        "sc_day_list", "next_campaign", "zone"},
       {"tm_create", "tm_delete", "tm_update"}},
      {v1::Plan::descriptor(),
       {"uuid", "name", "detail", "dial_mode", "dial_timeout", "caller_id", "dl_end_handle",
        "retry_delay", "trunk_name", "tech_name", "variables", "max_retry", "uui_field",
        "service_level"},
       {"tm_create", "tm_delete", "tm_update"}},
      {v1::Dlma::descriptor(),
       {"uuid", "name", "detail", "dl_table", "variables"},
       {"tm_create", "tm_delete", "tm_update"}},
      {v1::Destination::descriptor(),
       {"uuid", "name", "detail", "type", "exten", "context", "priority", "variables",
        "application", "data"},
       {"tm_create", "tm_delete", "tm_update"}},
      {v1::Dl::descriptor(),
       {"uuid", "dlma_uuid", "name", "detail", "status", "ukey", "variables", "dialing_uuid",
        "dialing_camp_uuid", "dialing_plan_uuid", "number", "email", "trycnt", "res_dial",
        "res_dial_detail", "res_hangup", "res_hangup_detail", "udata", "outcome"},
       {"tm_last_dial", "tm_last_hangup", "tm_create", "tm_delete", "tm_update"}},
      {v1::Dialing::descriptor(),
       {"uuid",         "status",
        "camp_uuid",    "plan_uuid",
        "dlma_uuid",    "dest_uuid",
        "dl_list_uuid", "dial_index",
        "dial_addr",    "dial_channel",
        "dial_trycnt",  "dial_timeout",
        "dial_type",    "dial_exten",
        "dial_context", "dial_application",
        "dial_data",    "variables",
        "channel_name", "res_dial",
        "res_hangup",   "res_hangup_detail",
        "res_amd",      "res_amd_detail",
        "outcome"},
       {"tm_create", "tm_update", "tm_delete"}},
      {v1::CampaignStat::descriptor(),
       {"uuid", "dl_total_count", "dl_finished_count", "dl_available_count", "dl_dialing_count",
        "dl_called_count"},
       {},
       /*is_whole=*/true},
      {v1::DlImportSlice::descriptor(), {}, {}},
      {v1::NodeReconcile::descriptor(), {}, {}},
      {v1::OutDialingSummaryResponse::descriptor(), {}, {}},
  };
}

// AMI shows no revisions: it has no word for them in the owner's document.
bool IsRevision(absl::string_view field) {
  return field == "revision" || absl::EndsWith(field, "_revision");
}

// ---- Headers of a record

struct EntryHeader {
  std::string name;
  const FieldDescriptor* field;
  std::optional<int> slot;  // from 0
};

std::vector<const FieldDescriptor*> FieldsInOrder(const RecordOrder& order) {
  const auto is_in = [](const std::vector<absl::string_view>& names, absl::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<const FieldDescriptor*> fields;
  const auto add_listed = [&](const std::vector<absl::string_view>& names) {
    for (const absl::string_view name : names) {
      const FieldDescriptor* field = order.record->FindFieldByName(std::string(name));
      OUTDIAL_CHECK(field != nullptr, "the lists above name fields of the proto");
      fields.push_back(field);
    }
  };
  add_listed(order.first);
  for (int i = 0; i < order.record->field_count(); ++i) {
    const absl::string_view name = order.record->field(i)->name();
    if (order.is_whole || IsRevision(name)) continue;
    if (is_in(order.first, name) || is_in(order.last, name)) continue;
    fields.push_back(order.record->field(i));
  }
  add_listed(order.last);
  return fields;
}

std::vector<EntryHeader> MakeEntryHeaders(const RecordOrder& order) {
  std::vector<EntryHeader> headers;
  for (const FieldDescriptor* field : FieldsInOrder(order)) {
    const std::string name = EntryHeaderName(field->name());
    if (!HasSlots(*field)) {
      headers.push_back({.name = name, .field = field, .slot = std::nullopt});
      continue;
    }
    for (int slot = 0; slot < engine::kNumberSlots; ++slot) {
      headers.push_back({.name = absl::StrCat(name, slot + 1), .field = field, .slot = slot});
    }
  }
  return headers;
}

const std::vector<EntryHeader>& EntryHeadersOf(const Descriptor* record) {
  using Table = std::map<const Descriptor*, std::vector<EntryHeader>>;
  static const Table& table = *[] {
    auto* made = new Table();
    for (const RecordOrder& order : RecordOrders()) (*made)[order.record] = MakeEntryHeaders(order);
    return made;
  }();
  const auto found = table.find(record);
  OUTDIAL_CHECK(found != table.end(), "every record that is shown has its order");
  return found->second;
}

// ---- Values

template <class Number>
std::string ShortestText(Number number) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  return std::string(std::begin(text), end);
}

// `name=value`.
std::string PairText(const Message& pair) {
  const Descriptor& type = *pair.GetDescriptor();
  return absl::StrCat(ValueText(pair, *type.field(0)), "=", ValueText(pair, *type.field(1)));
}

// A text that can't be told from absent is absent when it is empty.
bool IsAbsent(const Message& record, const EntryHeader& header) {
  const Reflection& reflection = *record.GetReflection();
  const FieldDescriptor* field = header.field;
  const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  std::string scratch;
  if (header.slot.has_value()) {
    if (*header.slot >= reflection.FieldSize(record, field)) return true;
    return is_text &&
           reflection.GetRepeatedStringReference(record, field, *header.slot, &scratch).empty();
  }
  if (field->has_presence()) return !reflection.HasField(record, field);
  return is_text && reflection.GetStringReference(record, field, &scratch).empty();
}

void AddPairs(const Message& record, const EntryHeader& header, AmiMessage* message) {
  const int count = record.GetReflection()->FieldSize(record, header.field);
  if (count == 0) message->Add(header.name, kUnknownValue);
  for (int i = 0; i < count; ++i) {
    message->Add(header.name, ValueText(record, *header.field, i));
  }
}

// ---- Names in errors

// The files of the requests, and of the records that they hold.
std::set<const FileDescriptor*> ApiFiles() {
  std::set<const FileDescriptor*> files;
  for (const Descriptor* request :
       {v1::OutCampaignUpdateRequest::descriptor(), v1::OutPlanUpdateRequest::descriptor(),
        v1::OutDlmaUpdateRequest::descriptor(), v1::OutDestinationUpdateRequest::descriptor(),
        v1::OutDlListUpdateRequest::descriptor(), v1::OutDialingShowRequest::descriptor()}) {
    const FileDescriptor* file = request->file();
    files.insert(file);
    for (int i = 0; i < file->dependency_count(); ++i) files.insert(file->dependency(i));
  }
  return files;
}

// Names of the API's fields that are no words of English.
const std::set<std::string, std::less<>>& SnakeCaseFields() {
  using Names = std::set<std::string, std::less<>>;
  static const Names& names = *[] {
    auto* made = new Names();
    for (const FileDescriptor* file : ApiFiles()) {
      for (int i = 0; i < file->message_type_count(); ++i) {
        const Descriptor* type = file->message_type(i);
        for (int j = 0; j < type->field_count(); ++j) {
          if (absl::StrContains(type->field(j)->name(), "_")) made->insert(type->field(j)->name());
        }
      }
    }
    return made;
  }();
  return names;
}

bool IsSlotField(absl::string_view name) {
  for (const Descriptor* record : {v1::Plan::descriptor(), v1::Dl::descriptor()}) {
    const FieldDescriptor* field = record->FindFieldByName(std::string(name));
    if (field != nullptr && HasSlots(*field)) return true;
  }
  return false;
}

// `max_retry[0]`: a field's name, and which of its values, from 0.
struct PathStep {
  absl::string_view field;
  std::optional<int> index;
};

PathStep ParseStep(absl::string_view text) {
  const size_t bracket = text.find('[');
  if (bracket == absl::string_view::npos) return {.field = text, .index = std::nullopt};
  const absl::string_view digits = text.substr(bracket + 1, text.size() - bracket - 2);
  int index = 0;
  if (!absl::SimpleAtoi(digits, &index)) return {.field = text, .index = std::nullopt};
  return {.field = text.substr(0, bracket), .index = index};
}

std::string HeaderOfStep(const PathStep& step) {
  const std::string name = HeaderName(step.field);
  if (IsSlotField(step.field)) {
    return step.index.has_value() ? absl::StrCat(name, *step.index + 1)
                                  : absl::StrCat(name, 1, " to ", name, engine::kNumberSlots);
  }
  return step.index.has_value() ? absl::StrCat(name, " ", *step.index + 1) : name;
}

}  // namespace

std::string HeaderName(absl::string_view field) {
  for (const auto& [name, header] : kHeaderNames) {
    if (name == field) return std::string(header);
  }
  std::string header;
  for (const absl::string_view word : absl::StrSplit(field, '_', absl::SkipEmpty())) {
    header += absl::ascii_toupper(static_cast<unsigned char>(word[0]));
    absl::StrAppend(&header, word.substr(1));
  }
  return header;
}

std::string EntryHeaderName(absl::string_view field) {
  for (const auto& [name, header] : kEntryHeaderNames) {
    if (name == field) return std::string(header);
  }
  return HeaderName(field);
}

std::string HeaderKey(absl::string_view header) {
  std::string key;
  for (const char c : header) {
    if (c != '_') key += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return key;
}

bool HasSlots(const FieldDescriptor& field) {
  return field.is_repeated() && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
}

bool IsPairList(const FieldDescriptor& field) {
  return field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

std::string ValueText(const Message& message, const FieldDescriptor& field,
                      std::optional<int> index) {
  const Reflection& from = *message.GetReflection();
  const FieldDescriptor* f = &field;
  const bool one = !index.has_value();
  const int i = index.value_or(0);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(one ? from.GetUInt32(message, f) : from.GetRepeatedUInt32(message, f, i));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(one ? from.GetUInt64(message, f) : from.GetRepeatedUInt64(message, f, i));
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(one ? from.GetInt32(message, f) : from.GetRepeatedInt32(message, f, i));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(one ? from.GetInt64(message, f) : from.GetRepeatedInt64(message, f, i));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return ShortestText(one ? from.GetDouble(message, f) : from.GetRepeatedDouble(message, f, i));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return ShortestText(one ? from.GetFloat(message, f) : from.GetRepeatedFloat(message, f, i));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? from.GetBool(message, f) : from.GetRepeatedBool(message, f, i)) ? "1" : "0";
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat(one ? from.GetEnumValue(message, f)
                              : from.GetRepeatedEnumValue(message, f, i));
    case FieldDescriptor::CPPTYPE_STRING:
      return one ? from.GetString(message, f) : from.GetRepeatedString(message, f, i);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return PairText(one ? from.GetMessage(message, f) : from.GetRepeatedMessage(message, f, i));
  }
  OUTDIAL_CHECK(false, "the switch has all types");
}

void AddRecord(const Message& record, AmiMessage* message) {
  for (const EntryHeader& header : EntryHeadersOf(record.GetDescriptor())) {
    if (IsPairList(*header.field)) {
      AddPairs(record, header, message);
    } else if (IsAbsent(record, header)) {
      message->Add(header.name, kUnknownValue);
    } else {
      message->Add(header.name, ValueText(record, *header.field, header.slot));
    }
  }
}

std::string HeaderOfPath(absl::string_view path) {
  std::vector<absl::string_view> steps = absl::StrSplit(path, '.');
  // The record, which AMI does not name.
  if (steps.size() > 1) steps.erase(steps.begin());
  std::string header = HeaderOfStep(ParseStep(steps[0]));
  if (steps.size() > 1) header = absl::StrCat("the ", steps[1], " of ", header);
  return header;
}

std::string WithHeaderNames(absl::string_view text) {
  constexpr absl::string_view kWordBytes = "abcdefghijklmnopqrstuvwxyz_0123456789";
  std::string renamed;
  while (!text.empty()) {
    const size_t word_end = std::min(text.find_first_not_of(kWordBytes), text.size());
    const absl::string_view word = text.substr(0, word_end);
    absl::StrAppend(&renamed, SnakeCaseFields().contains(word) ? HeaderName(word) : word);
    text.remove_prefix(word_end);
    const size_t gap_end = std::min(text.find_first_of(kWordBytes), text.size());
    absl::StrAppend(&renamed, text.substr(0, gap_end));
    text.remove_prefix(gap_end);
  }
  return renamed;
}

}  // namespace outdial::ami
