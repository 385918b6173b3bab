#include "tests/engine/scenario_runner.h"

#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/dial_engine.h"
#include "engine/errors.h"
#include "google/protobuf/text_format.h"
#include "storage/memory_store.h"
#include "storage/record_store.h"
#include "storage/restore_mark.h"

namespace outdial::engine {

namespace {

using google::protobuf::Message;

const absl::Time kStart = absl::FromUnixSeconds(1767225600);  // 2026-01-01T00:00:00Z

class UtcOnly : public ZoneLookup {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view name) override {
    if (name == "UTC") return absl::UTCTimeZone();
    return std::nullopt;
  }
};

EngineConfig ScenarioConfig() {
  EngineConfig config;
  config.nodes = {NodeConfig{.name = "a", .cap = {}}, NodeConfig{.name = "b", .cap = {}}};
  config.allowed_contexts = {"outbound"};
  config.seed = 1;
  return config;
}

// Fills the action named by `request` ("OutPlanCreate") from text format.
template <size_t I = 0>
bool ParseAction(const std::string& request, const std::string& body, Action* action) {
  if constexpr (I < std::variant_size_v<Action> - 2) {
    std::variant_alternative_t<I, Action> message;
    if (message.GetDescriptor()->name() == request + "Request") {
      if (!google::protobuf::TextFormat::ParseFromString(body, &message)) return false;
      *action = std::move(message);
      return true;
    }
    return ParseAction<I + 1>(request, body, action);
  }
  return false;
}

// The record in a response; null for imports.
const Message* RecordIn(const ActionResult& result) {
  return std::visit(
      [](const auto& response) -> const Message* {
        const auto* field = response.GetDescriptor()->field(0);
        if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) return nullptr;
        return &response.GetReflection()->GetMessage(response, field);
      },
      result);
}

std::string UuidIn(const Message& record) {
  const auto* field = record.GetDescriptor()->FindFieldByName("uuid");
  return record.GetReflection()->GetString(record, field);
}

class Scenario {
 public:
  Scenario() {
    auto kv = std::make_unique<storage::MemoryStore>();
    opened_ = Open(std::move(kv));
  }

  std::string Run(const std::string& script) {
    if (!opened_.ok()) return absl::StrCat("\nerror: ", opened_.ToString());
    for (const absl::string_view raw : absl::StrSplit(script, '\n')) {
      const std::string line(absl::StripAsciiWhitespace(raw));
      if (line.empty() || line[0] == '#') continue;
      trace_ << line << "\n";
      const absl::Status status = RunLine(Resolve(line));
      if (!status.ok()) {
        trace_ << "error: " << status.ToString() << "\n";
        break;
      }
    }
    return trace_.str();
  }

 private:
  absl::Status Open(std::unique_ptr<storage::MemoryStore> kv) {
    kv_ = kv.get();
    absl::StatusOr<std::unique_ptr<storage::RecordStore>> store =
        storage::RecordStore::Open(std::move(kv), {});
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    engine_ = std::make_unique<DialEngine>(ScenarioConfig(), &zones_);
    Output output;
    const absl::Status status = engine_->Load(store_->Round(), now(), &output);
    if (!status.ok()) return status;
    return Commit(output);
  }

  Now now() const { return Now{.mono = elapsed_, .wall = kStart + elapsed_ + clock_jump_}; }

  // One round with one input, as the run loop does it.
  absl::Status Step(const Input& input) {
    Output output;
    const absl::Status status = engine_->Step(input, now(), store_->Round(), &output);
    if (!status.ok()) return status;
    return Commit(output);
  }

  absl::Status Commit(const Output& output) {
    const absl::Status committed = store_->Commit();
    if (!committed.ok()) return committed;
    for (const Reply& reply : output.replies) TraceReply(reply);
    absl::Status traced = TraceEvents();
    if (!traced.ok()) return traced;
    for (const NodeCommand& command : output.commands) TraceCommand(command);
    engine_->OnSent(output.commands, elapsed_);
    for (const CampaignWait& wait : output.waits) {
      Trace(absl::StrCat("wait ", wait.campaign.ToString(), " ", v1::WaitReason_Name(wait.reason),
                         " ", wait.detail));
    }
    for (const LogLine& line : output.log) TraceLog(line);
    for (const v1::Node& node : output.nodes) nodes_[node.name()] = node;
    return absl::OkStatus();
  }

  void TraceLog(const LogLine& line) {
    std::string text = absl::StrCat("log ", line.name);
    for (const auto& [name, value] : line.fields) absl::StrAppend(&text, " ", name, "=", value);
    Trace(text);
  }

  // The node as it was published last.
  void TraceNode(const std::string& name) {
    const v1::Node& node = nodes_[name];
    Trace(absl::StrCat("node ", v1::NodeState_Name(node.state()), " calls=", node.calls(), " ",
                       absl::StrJoin(node.problems(), "; ")));
  }

  absl::Status RunLine(const std::string& line) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words[0] == "at") return Advance(words[1]);
    if (words[0] == "restart") return Open(kv_->CopySynced());
    if (words[0] == "restore") {
      auto backup = kv_->CopySynced();
      const absl::Status marked = storage::PutRestoreMark(backup.get());
      return marked.ok() ? Open(std::move(backup)) : marked;
    }
    if (words[0] == "clock") return MoveClock(words[1]);
    if (words[0] == "show") {
      TraceNode(words[1]);
      return absl::OkStatus();
    }
    if (words[0] == "restore") {
      auto backup = kv_->CopySynced();
      const absl::Status marked = storage::PutRestoreMark(backup.get());
      return marked.ok() ? Open(std::move(backup)) : marked;
    }
    if (words[0] == "do") {
      waiting_name_ = words[1];
      Action action;
      const size_t body = line.find(words[2]) + words[2].size();
      if (!ParseAction(words[2], line.substr(body), &action)) {
        return absl::InvalidArgumentError("not an action");
      }
      return Step(ClientAction{.ticket = 1, .action = std::move(action)});
    }
    return TakeFact(words);
  }

  // NODE FACT [dN] arguments... [late=SECONDS] [stamp=SECONDS]: it was read up to so much later
  // than it happened; the node's clock said so.
  absl::Status TakeFact(std::vector<std::string> words) {
    Moment happened = Moment::At(elapsed_);
    double seconds = 0;
    while (true) {
      absl::string_view last = words.back();
      if (absl::ConsumePrefix(&last, "late=") && absl::SimpleAtod(last, &seconds)) {
        happened.earliest -= absl::Seconds(seconds);
      } else if (absl::ConsumePrefix(&last, "stamp=") && absl::SimpleAtod(last, &seconds)) {
        happened.stamp = kStart + absl::Seconds(seconds);
      } else {
        break;
      }
      words.pop_back();
    }
    absl::StatusOr<NodeFact> fact = ParseFact(words);
    if (!fact.ok()) return fact.status();
    return Step(NodeEvent{words[0], *std::move(fact), happened});
  }

  absl::Status Advance(const std::string& seconds_text) {
    double seconds = 0;
    if (!absl::SimpleAtod(seconds_text, &seconds)) return absl::InvalidArgumentError("not a time");
    const absl::Duration until = absl::Seconds(seconds);
    while (engine_->NextWakeup() <= until) {
      elapsed_ = std::max(elapsed_, engine_->NextWakeup());
      const absl::Status status = Step(Tick{});
      if (!status.ok()) return status;
    }
    elapsed_ = until;
    return absl::OkStatus();
  }

  // The wall clock alone jumps.
  absl::Status MoveClock(const std::string& seconds_text) {
    int seconds = 0;
    if (!absl::SimpleAtoi(seconds_text, &seconds)) return absl::InvalidArgumentError("not a time");
    clock_jump_ += absl::Seconds(seconds);
    return absl::OkStatus();
  }

  static absl::StatusOr<NodeFact> ParseFact(const std::vector<std::string>& words) {
    const std::string& name = words[1];
    const auto text = [&words](size_t i) { return i < words.size() ? words[i] : std::string(); };
    const auto number = [&text](size_t i) {
      int value = 0;
      (void)absl::SimpleAtoi(text(i), &value);
      return value;
    };
    const std::optional<DialingUuid> named = DialingUuid::Parse(text(2));
    const DialingUuid dialing = named.value_or(DialingUuid());
    if (name == "connected") {
      NodeConnected fact;
      fact.boot_time = kStart + absl::Seconds(words.size() > 2 ? number(2) : -1000);
      fact.version = "22";
      fact.may_originate = fact.sees_calls = fact.sees_queues = true;
      return fact;
    }
    if (name == "synced") return NodeSynced{};
    if (name == "lost") return NodeDisconnected{.reason = "connection reset"};
    if (name == "Listed") return ChannelListed{dialing, text(3), text(4) == "up"};
    if (name == "Accepted") return OriginateAccepted{dialing};
    if (name == "Refused") return OriginateRefused{dialing, text(3)};
    if (name == "Unsent") return OriginateUnsent{dialing};
    if (name == "Response") {
      return OriginateResponse{dialing, text(3) == "success", number(4), ""};
    }
    if (name == "ChannelCreated") return ChannelCreated{dialing, text(3)};
    if (name == "DialBegun") return DialBegun{dialing};
    if (name == "Ringing") return ChannelRinging{dialing};
    if (name == "Up") return ChannelUp{dialing};
    if (name == "DialEnded") return DialEnded{dialing, text(3)};
    if (name == "HangupRequested") return HangupRequested{dialing, number(3), std::nullopt};
    if (name == "HungUp") {
      ChannelHungUp fact{dialing, number(3), "", std::nullopt};
      if (words.size() > 4) fact.tech_cause = number(4);
      return fact;
    }
    if (name == "Recorded")
      return CallRecorded{dialing, absl::StrReplaceAll(text(3), {{"_", " "}})};
    if (name == "QueueJoined") return QueueJoined{dialing, text(3)};
    if (name == "QueueLeft") return QueueLeft{dialing, text(3)};
    if (name == "AgentConnected") return AgentConnected{dialing, text(3), text(4)};
    if (name == "Parked") return CallParked{dialing, text(3)};
    if (name == "Parking") return ParkingSeen{text(2), number(3)};
    if (name == "Queue") return QueueSeen{text(2)};
    if (name == "Member") {
      QueueMemberSeen fact;
      fact.queue = text(2);
      fact.interface = text(3);
      fact.device_state = number(4);
      fact.paused = text(5) == "paused";
      return fact;
    }
    return absl::InvalidArgumentError(absl::StrCat("unknown fact ", name));
  }

  // ---- Names for uuids

  // `$name` and `dN` to uuids.
  std::string Resolve(std::string line) const {
    for (const auto& [uuid, name] : names_) {
      line = std::regex_replace(line, std::regex("\\$" + name + "\\b"), uuid);
      if (name[0] == 'd')
        line = std::regex_replace(line, std::regex(" " + name + "(?= |$)"), " " + uuid);
    }
    return line;
  }

  void Name(const std::string& uuid, const std::string& name) {
    names_[uuid] = name;
    names_[absl::StrReplaceAll(uuid, {{"-", "_"}})] = name;
  }

  // Writes a line, with names for uuids and seconds for times.
  void Trace(std::string text) {
    for (const auto& [uuid, name] : names_) {
      text = absl::StrReplaceAll(text, {{uuid, name}});
    }
    static const std::regex kTime("2026-01-0[0-9]T([0-9:]+)\\.([0-9]{3})000000Z");
    text = std::regex_replace(text, kTime, "$1.$2");
    trace_ << "  " << text << "\n";
  }

  // ---- What comes out

  void TraceReply(const Reply& reply) {
    if (!reply.result.ok()) {
      std::string line = absl::StrCat("reply ", ReasonName(ReasonOf(reply.result.status())), ": ",
                                      reply.result.status().message());
      for (const FieldViolation& bad : ViolationsOf(reply.result.status())) {
        absl::StrAppend(&line, " [", bad.field, " ", bad.description, "]");
      }
      Trace(std::move(line));
      return;
    }
    if (const Message* record = RecordIn(*reply.result); record != nullptr) {
      if (waiting_name_ != "-") Name(UuidIn(*record), waiting_name_);
    }
    Trace("reply ok");
  }

  absl::Status TraceEvents() {
    absl::StatusOr<std::vector<v1::Event>> events = store_->Events(last_event_, 1000);
    if (!events.ok()) return events.status();
    for (const v1::Event& event : *events) {
      if (event.kind() == v1::EVENT_KIND_OUT_DIALING_CREATE) {
        Name(event.uuid(), absl::StrCat("d", ++dialings_));
      }
    }
    for (const v1::Event& event : *events) {
      const Message& record = event.GetReflection()->GetMessage(
          event, event.GetReflection()->GetOneofFieldDescriptor(
                     event, event.GetDescriptor()->oneof_decl(0)));
      Trace(absl::StrCat("event ", v1::EventKind_Name(event.kind()).substr(11), " ", event.uuid(),
                         Changes(event.uuid(), record)));
    }
    last_event_ = store_->LastEvent();
    return absl::OkStatus();
  }

  // The fields of the record that differ from those of the event before it.
  std::string Changes(const std::string& uuid, const Message& record) {
    std::map<std::string, std::string>& before = last_fields_[uuid];
    std::map<std::string, std::string> after;
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    record.GetReflection()->ListFields(record, &fields);
    std::string changes;
    for (const auto* field : fields) {
      std::unique_ptr<Message> only(record.New());
      only->CopyFrom(record);
      for (const auto* other : fields) {
        if (other != field) only->GetReflection()->ClearField(only.get(), other);
      }
      const std::string text = only->ShortDebugString();
      after[field->name()] = text;
      if (before[field->name()] != text) absl::StrAppend(&changes, " ", text);
    }
    for (const auto& [name, text] : before) {
      if (!text.empty() && !after.contains(name)) absl::StrAppend(&changes, " -", name);
    }
    before = std::move(after);
    return changes;
  }

  void TraceCommand(const NodeCommand& command) {
    std::string line = absl::StrCat("command ", command.node, " ");
    if (const auto* originate = std::get_if<Originate>(&command.command)) {
      absl::StrAppend(&line, "Originate ", originate->dialing.ToString(), " ", originate->channel,
                      " ", originate->application, "(", originate->data, ") ", originate->exten,
                      "@", originate->context, ":", originate->priority,
                      " timeout=", absl::FormatDuration(originate->timeout),
                      " caller_id=", originate->caller_id, " ",
                      absl::StrJoin(originate->variables, " ", absl::PairFormatter("=")));
    } else if (const auto* hangup = std::get_if<Hangup>(&command.command)) {
      absl::StrAppend(&line, "Hangup ", hangup->dialing.ToString(), " ", hangup->cause);
    } else if (std::holds_alternative<ListChannels>(command.command)) {
      absl::StrAppend(&line, "ListChannels");
    } else {
      absl::StrAppend(&line, "Resync");
    }
    Trace(std::move(line));
  }

  UtcOnly zones_;
  absl::Status opened_;
  storage::MemoryStore* kv_ = nullptr;
  std::unique_ptr<storage::RecordStore> store_;
  std::unique_ptr<DialEngine> engine_;
  absl::Duration elapsed_;
  absl::Duration clock_jump_;
  uint64_t last_event_ = 0;
  int dialings_ = 0;
  std::map<std::string, v1::Node> nodes_;
  std::string waiting_name_ = "-";
  std::map<std::string, std::string> names_;  // uuid, name
  // Field name, text of each record as its last event told it.
  std::map<std::string, std::map<std::string, std::string>> last_fields_;
  std::ostringstream trace_;
};

}  // namespace

std::string RunScenario(const std::string& script) { return Scenario().Run(script); }

}  // namespace outdial::engine
