#include "tests/server/two_doors.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ami_gateway/ami_classes.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "outdial/v1/event_service.grpc.pb.h"
#include "spdlog/sinks/null_sink.h"
#include "storage/memory_store.h"

namespace outdial::server {
namespace {

using ami::AmiMessage;

// The value of a variable as Asterisk takes it: commas divide variables unless escaped.
std::string Escaped(absl::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == ',' || c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// `plan.max_retry[0]` -> `max_retry1`, `dl.number` -> `number1 to number8`, `plan.dial_timeout` ->
// `dial_timeout`.
std::string FieldName(const std::string& path) {
  std::string name = path.substr(path.find('.') + 1);
  const size_t bracket = name.find('[');
  if (bracket != std::string::npos) {
    return absl::StrCat(name.substr(0, bracket), std::stoi(name.substr(bracket + 1)) + 1);
  }
  return name == "number" ? "number1 to number8" : name;
}

}  // namespace

std::string Plain(absl::string_view message) {
  std::string plain;
  for (const char c : message) {
    if (c != '_') plain += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return plain;
}

std::string Plain(const grpc::Status& status) {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  std::vector<std::string> texts;
  for (const auto& any : details.details()) {
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      texts.push_back(absl::StrCat(FieldName(violation.field()), " ", violation.description()));
    }
  }
  return Plain(texts.empty() ? status.error_message() : absl::StrJoin(texts, "; "));
}

RecordHeaders FilledIn(RecordHeaders headers) {
  for (auto& [name, value] : headers) value = value.value_or("<unknown>");
  return headers;
}

RecordHeaders BodyOf(const AmiMessage& message) {
  static const std::set<std::string> kEnvelope = {"Event", "Privilege", "ActionID"};
  RecordHeaders headers;
  for (const ami::AmiHeader& header : message.headers()) {
    if (!kEnvelope.contains(header.name)) headers.emplace_back(header.name, header.value);
  }
  return headers;
}

std::string AmiNameOf(v1::EventKind kind) {
  std::string name;
  for (const absl::string_view word :
       absl::StrSplit(absl::StripPrefix(v1::EventKind_Name(kind), "EVENT_KIND_"), '_')) {
    absl::StrAppend(&name, word.substr(0, 1), absl::AsciiStrToLower(word.substr(1)));
  }
  return name;
}

RecordHeaders BodyOf(const v1::Event& event) {
  const std::string name = AmiNameOf(event.kind());
  if (event.has_dialing()) return FilledIn(HeadersOf(event.dialing()));
  if (absl::EndsWith(name, "Delete")) return {{"Uuid", event.uuid()}};
  if (event.has_campaign()) return FilledIn(HeadersOf(event.campaign()));
  if (event.has_plan()) return FilledIn(HeadersOf(event.plan()));
  if (event.has_dlma()) return FilledIn(HeadersOf(event.dlma()));
  if (event.has_dl()) return FilledIn(HeadersOf(event.dl()));
  return FilledIn(HeadersOf(event.destination()));
}

uint64_t RevisionOf(const v1::Event& event) {
  if (event.has_dialing()) return event.dialing().revision();
  if (event.has_campaign()) return event.campaign().revision();
  if (event.has_plan()) return event.plan().revision();
  if (event.has_dlma()) return event.dlma().revision();
  if (event.has_dl()) return event.dl().revision();
  return event.destination().revision();
}

TwoDoorsTest::TwoDoorsTest(uint64_t seed)
    : random_(seed), logger_({}, std::make_shared<spdlog::sinks::null_sink_mt>()) {}

void TwoDoorsTest::SetUp() {
  Config config;
  config.listen = {"127.0.0.1", 0};
  config.ami.listen = ListenAddress{"127.0.0.1", 0};
  config.ami.users = {{"client", "secret", ami::kAmiMessage, ami::kAmiMessage}};
  config.simulate.enabled = true;
  config.simulate.accelerate = 200;
  config.data_dir.clear();
  DaemonOptions options;
  options.logger = &logger_;
  options.store = std::make_unique<storage::MemoryStore>();
  auto daemon = Daemon::Start(std::move(config), std::move(options));
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  daemon_ = *std::move(daemon);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", daemon_->port()),
                                       grpc::InsecureChannelCredentials(), arguments);
  ami_ = std::make_unique<ami::AmiProbe>("127.0.0.1", daemon_->ami_port());
  const AmiMessage login = ami_->Ask(
      {{"Action", "Login"}, {"ActionID", "login"}, {"Username", "client"}, {"Secret", "secret"}});
  ASSERT_EQ(login.Get("Response"), "Success");
}

Answer TwoDoorsTest::AskAmi(const std::string& action, const RecordHeaders& headers) {
  AmiMessage message{{"Action", action}, {"ActionID", absl::StrCat("id-", ++last_action_id_)}};
  for (const auto& [name, value] : headers) {
    const bool is_variable = name == "Variable";
    const size_t equals = is_variable ? value->find('=') + 1 : 0;
    message.Add(random_.OneIn(4) ? absl::AsciiStrToUpper(name) : name,
                is_variable ? absl::StrCat(value->substr(0, equals), Escaped(value->substr(equals)))
                            : *value);
  }
  const AmiMessage response = ami_->Ask(message);
  return {response.Get("Response") == "Success", Plain(response.Get("Message")),
          std::string(response.Get("Uuid"))};
}

std::vector<RecordHeaders> TwoDoorsTest::ListAmi(const std::string& action,
                                                 const RecordHeaders& headers) {
  const std::string action_id = absl::StrCat("id-", ++last_action_id_);
  AmiMessage message{{"Action", action}, {"ActionID", action_id}};
  for (const auto& [name, value] : headers) message.Add(name, *value);
  ami_->Send(message);
  ami_->Wait(action, [&](const AmiMessage& got) {
    return got.Get("ActionID") == action_id && got.Get("EventList") == "Complete";
  });
  std::vector<RecordHeaders> items;
  for (const AmiMessage& got : ami_->got()) {
    if (got.Get("ActionID") == action_id && got.is_event() && got.Get("EventList").empty()) {
      items.push_back(BodyOf(got));
    }
  }
  return items;
}

std::vector<RecordHeaders> TwoDoorsTest::StatsOfGrpc() {
  grpc::ClientContext context;
  SetDeadline(&context);
  auto stub = v1::OutCampaignService::NewStub(channel_);
  auto reader = stub->OutCampaignStatShow(&context, v1::OutCampaignStatShowRequest());
  std::vector<RecordHeaders> stats;
  v1::OutCampaignStatShowResponse response;
  while (reader->Read(&response)) {
    for (const v1::CampaignStat& stat : response.stats()) {
      stats.push_back({{"Uuid", stat.uuid()},
                       {"DlTotalCount", absl::StrCat(stat.dl_total_count())},
                       {"DlFinishedCount", absl::StrCat(stat.dl_finished_count())},
                       {"DlAvailableCount", absl::StrCat(stat.dl_available_count())},
                       {"DlDialingCount", absl::StrCat(stat.dl_dialing_count())},
                       {"DlCalledCount", absl::StrCat(stat.dl_called_count())}});
    }
  }
  EXPECT_TRUE(reader->Finish().ok());
  return stats;
}

std::vector<v1::Event> TwoDoorsTest::EventsOfGrpc(const std::string& last_uuid) {
  grpc::ClientContext context;
  SetDeadline(&context);
  v1::OutEventSubscribeRequest request;
  request.set_after_position("oldest");
  auto stub = v1::OutEventService::NewStub(channel_);
  auto reader = stub->OutEventSubscribe(&context, request);
  std::vector<v1::Event> events;
  v1::OutEventSubscribeResponse response;
  while ((events.empty() || events.back().uuid() != last_uuid) && reader->Read(&response)) {
    events.insert(events.end(), response.events().begin(), response.events().end());
  }
  context.TryCancel();
  reader->Finish();
  return events;
}

}  // namespace outdial::server
