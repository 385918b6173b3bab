// One server with its gRPC API and its AMI door, and a client at each.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "ami_gateway/ami_message.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "outdial/v1/event.pb.h"
#include "server/daemon.h"
#include "tests/ami_gateway/ami_probe.h"
#include "tests/server/random_records.h"
#include "tests/server/record_apis.h"
#include "tests/server/record_headers.h"

namespace outdial::server {

struct Answer {
  bool ok = false;
  std::string message;  // of an error, without the spelling of names: see Plain
  std::string uuid;     // of what was made
};

// What an error says, without the spelling of names: a field is `plan.dial_timeout` at one door and
// `DialTimeout` at the other.
std::string Plain(absl::string_view message);
std::string Plain(const grpc::Status& status);

// The headers of a request that holds this record: what is given, without what only the server
// sets.
template <class Record>
RecordHeaders RequestHeaders(const Record& record) {
  static const std::set<std::string> kOutputOnly = {"WaitReason", "DlTable"};
  RecordHeaders headers;
  for (const auto& [name, value] : HeadersOf(record)) {
    if (!value.has_value() || kOutputOnly.contains(name)) continue;
    if (std::is_same_v<Record, v1::Dl> && name == "Status") continue;
    headers.emplace_back(name, value);
  }
  return headers;
}

// With `<unknown>` for what is absent.
RecordHeaders FilledIn(RecordHeaders headers);

// All headers of an item or event but those of the envelope.
RecordHeaders BodyOf(const ami::AmiMessage& message);
// What they must be.
RecordHeaders BodyOf(const v1::Event& event);
// `EVENT_KIND_OUT_DL_LIST_CREATE` -> `OutDlListCreate`.
std::string AmiNameOf(v1::EventKind kind);
// Revision of the record in an event; 0: it carries none.
uint64_t RevisionOf(const v1::Event& event);

// One thread; its calls block.
class TwoDoorsTest : public testing::Test {
 protected:
  explicit TwoDoorsTest(uint64_t seed = 1);

  void SetUp() override;

  // ---- The AMI door

  Answer AskAmi(const std::string& action, const RecordHeaders& headers);
  // The items of a list.
  std::vector<RecordHeaders> ListAmi(const std::string& action, const RecordHeaders& headers);

  // ---- The gRPC door

  static void SetDeadline(grpc::ClientContext* context) {
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  }

  template <class Api, class Method, class Request, class Response>
  Answer AskGrpc(Method method, const Request& request, Response* response) {
    grpc::ClientContext context;
    SetDeadline(&context);
    auto stub = Api::Service::NewStub(channel_);
    const grpc::Status status = ((*stub).*method)(&context, request, response);
    return {status.ok(), Plain(status), Api::In(response)->uuid()};
  }

  template <class Api>
  std::vector<typename Api::Record> ListGrpc(const typename Api::ShowRequest& request) {
    grpc::ClientContext context;
    SetDeadline(&context);
    auto stub = Api::Service::NewStub(channel_);
    auto reader = ((*stub).*Api::kShow)(&context, request);
    std::vector<typename Api::Record> records;
    typename Api::ShowResponse response;
    while (reader->Read(&response)) {
      for (const auto& record : Api::Shown(response)) records.push_back(record);
    }
    EXPECT_TRUE(reader->Finish().ok());
    return records;
  }

  // The statistics of all campaigns, as AMI shows them.
  std::vector<RecordHeaders> StatsOfGrpc();

  // Up to the event that made `last_uuid`.
  std::vector<v1::Event> EventsOfGrpc(const std::string& last_uuid);

  RandomRecords random_;
  std::unique_ptr<ami::AmiProbe> ami_;

 private:
  Logger logger_;
  std::unique_ptr<Daemon> daemon_;
  std::shared_ptr<grpc::Channel> channel_;
  int last_action_id_ = 0;
};

}  // namespace outdial::server
