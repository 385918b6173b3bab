#include "ami_gateway/out_replies.h"

#include <google/protobuf/descriptor.h>

#include <limits>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/out_fields.h"
#include "engine/check.h"
#include "engine/errors.h"

namespace outdial::ami {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// An Asterisk client counts on lines of at most 1022 bytes.
constexpr size_t kMaxErrorBytes = 1000;

// Records are bounded when they are stored; what they became is told as it is.
constexpr AmiFrameLimits kNoLimits{.max_line_bytes = std::numeric_limits<size_t>::max(),
                                   .max_lines = std::numeric_limits<size_t>::max(),
                                   .max_message_bytes = std::numeric_limits<size_t>::max()};

// ---- Bytes

// Never fails: what would end a line, such as the CR in a client's ActionID, becomes a space.
std::string Encode(const AmiMessage& message) {
  absl::StatusOr<std::string> bytes = EncodeAmiMessage(message, kNoLimits);
  if (bytes.ok()) return *std::move(bytes);
  AmiMessage clean;
  for (const AmiHeader& header : message.headers()) {
    clean.Add(header.name, WithoutLineEnds(header.value));
  }
  bytes = EncodeAmiMessage(clean, kNoLimits);
  OUTDIAL_CHECK(bytes.ok(), "the names of headers are our own");
  return *std::move(bytes);
}

void AddActionId(OptionalActionId action_id, AmiMessage* message) {
  if (action_id.has_value()) message->Add("ActionID", *action_id);
}

// ---- Words

// `DlList` -> `Dl List`.
std::string Words(absl::string_view name) {
  std::string words;
  for (const char c : name) {
    if (!words.empty() && absl::ascii_isupper(static_cast<unsigned char>(c))) words += ' ';
    words += c;
  }
  return words;
}

// `OutCampaignStatShow` -> `CampaignStat` and `Show`.
std::pair<absl::string_view, absl::string_view> SubjectAndVerb(absl::string_view action) {
  const absl::string_view name = absl::StripPrefix(action, "Out");
  size_t verb = name.size() - 1;
  while (!absl::ascii_isupper(static_cast<unsigned char>(name[verb]))) --verb;
  return {name.substr(0, verb), name.substr(verb)};
}

// `OutDlListCreate` -> `Dl list created successfully`.
std::string SuccessMessage(const OutAction& action) {
  const auto [subject, verb] = SubjectAndVerb(action.name);
  std::string words = Words(subject);
  for (size_t i = 1; i < words.size(); ++i) {
    words[i] = absl::ascii_tolower(static_cast<unsigned char>(words[i]));
  }
  return absl::StrCat(words, " ", absl::AsciiStrToLower(verb), "d successfully");
}

// What a list is called: `CampaignList`, `DlList`, `SummaryList`.
std::string ListName(const OutAction& action) {
  const auto [subject, verb] = SubjectAndVerb(action.name);
  const absl::string_view of = action.kind == OutAction::Kind::kSummary ? verb : subject;
  return absl::StrCat(absl::StripSuffix(of, "List"), "List");
}

std::string ItemEvent(const OutAction& action) {
  if (action.kind == OutAction::Kind::kSummary) return std::string(action.name);
  return absl::StrCat("Out", SubjectAndVerb(action.name).first, "Entry");
}

// `EVENT_KIND_OUT_DL_LIST_CREATE` -> `OutDlListCreate`.
std::string NameOfKind(absl::string_view kind) {
  return HeaderName(absl::AsciiStrToLower(absl::StripPrefix(kind, "EVENT_KIND_")));
}

// ---- Records in messages

// The first message in a response: what was made.
const Message& RecordOf(const Message& response) {
  return response.GetReflection()->GetMessage(response, response.GetDescriptor()->field(0));
}

// What an event is about; null: nothing is set.
const Message* RecordOf(const v1::Event& event) {
  const google::protobuf::OneofDescriptor* one_of = event.GetDescriptor()->oneof_decl(0);
  const FieldDescriptor* field = event.GetReflection()->GetOneofFieldDescriptor(event, one_of);
  return field == nullptr ? nullptr : &event.GetReflection()->GetMessage(event, field);
}

struct EventForm {
  std::string name;
  bool uuid_alone = false;  // the record is gone, and a dialing alone carries its last state
};

// Null: a kind that this version does not know.
const EventForm* FormOf(v1::EventKind kind) {
  using Forms = std::map<int, EventForm>;
  static const Forms& forms = *[] {
    auto* made = new Forms();
    const EnumDescriptor* kinds = v1::EventKind_descriptor();
    for (int i = 0; i < kinds->value_count(); ++i) {
      const std::string name = NameOfKind(kinds->value(i)->name());
      const bool uuid_alone = absl::EndsWith(name, "Delete") && name != "OutDialingDelete";
      (*made)[kinds->value(i)->number()] = {.name = name, .uuid_alone = uuid_alone};
    }
    return made;
  }();
  const auto found = forms.find(kind);
  return found == forms.end() ? nullptr : &found->second;
}

// ---- Errors

// At most `limit` bytes, cut between characters.
std::string Cut(std::string text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

std::string ErrorText(const absl::Status& status) {
  const std::vector<engine::FieldViolation> violations = engine::ViolationsOf(status);
  if (!violations.empty()) {
    return absl::StrJoin(violations, "; ", [](std::string* out, const auto& violation) {
      absl::StrAppend(out, HeaderOfPath(violation.field), " ",
                      WithHeaderNames(violation.description));
    });
  }
  if (status.message().empty()) return absl::StatusCodeToString(status.code());
  return WithHeaderNames(status.message());
}

}  // namespace

std::string OutErrorReply(OptionalActionId action_id, const absl::Status& status) {
  AmiMessage reply{{"Response", "Error"}};
  AddActionId(action_id, &reply);
  reply.Add("Message", Cut(ErrorText(status), kMaxErrorBytes));
  return Encode(reply);
}

std::string OutChangeReply(const OutAction& action, OptionalActionId action_id,
                           const engine::ActionResult& result) {
  AmiMessage reply{{"Response", "Success"}};
  AddActionId(action_id, &reply);
  reply.Add("Message", SuccessMessage(action));
  if (absl::EndsWith(action.name, "Create")) {
    const Message& record = std::visit(
        [](const Message& response) -> const Message& { return RecordOf(response); }, result);
    reply.Add("Uuid", ValueText(record, *record.GetDescriptor()->FindFieldByName("uuid")));
  }
  return Encode(reply);
}

std::string OutListBegin(const OutAction& action, OptionalActionId action_id) {
  AmiMessage reply{{"Response", "Success"}};
  AddActionId(action_id, &reply);
  reply.Add("EventList", "start");
  reply.Add("Message", absl::StrCat(Words(ListName(action)), " will follow"));
  return Encode(reply);
}

std::string OutListItems(const OutAction& action, OptionalActionId action_id,
                         const Message& response, uint64_t* count) {
  const std::string event = ItemEvent(action);
  std::string bytes;
  const auto add = [&](const Message& record) {
    AmiMessage item{{"Event", event}};
    AddActionId(action_id, &item);
    AddRecord(record, &item);
    bytes += Encode(item);
    ++*count;
  };
  if (action.kind == OutAction::Kind::kSummary) {
    add(response);
    return bytes;
  }
  const FieldDescriptor* records = response.GetDescriptor()->field(0);
  const google::protobuf::Reflection& from = *response.GetReflection();
  for (int i = 0; i < from.FieldSize(response, records); ++i) {
    add(from.GetRepeatedMessage(response, records, i));
  }
  return bytes;
}

std::string OutListEnd(const OutAction& action, OptionalActionId action_id, uint64_t count) {
  AmiMessage end{{"Event", absl::StrCat("Out", ListName(action), "Complete")}};
  AddActionId(action_id, &end);
  end.Add("EventList", "Complete");
  end.Add("ListItems", absl::StrCat(count));
  return Encode(end);
}

std::string OutEventText(const v1::Event& event) {
  static const std::string& privilege = *new std::string(FormatAmiClasses(kAmiMessage));
  const EventForm* form = FormOf(event.kind());
  const Message* record = RecordOf(event);
  if (form == nullptr || (record == nullptr && !form->uuid_alone)) return "";
  AmiMessage message{{"Event", form->name}, {"Privilege", privilege}};
  if (form->uuid_alone) {
    message.Add("Uuid", event.uuid());
  } else {
    AddRecord(*record, &message);
  }
  return Encode(message);
}

}  // namespace outdial::ami
