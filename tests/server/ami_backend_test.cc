// The server as the AMI door drives it: no listener, no gRPC.
#include "server/ami_backend.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "engine/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/open_imports.h"
#include "server/open_shows.h"
#include "tests/server/fake_store.h"

namespace outdial::server {
namespace {

std::string UuidText(int number) {
  return absl::StrFormat("0190163d-8694-739b-aea5-%012x", number);
}

class AmiBackendTest : public testing::Test {
 protected:
  AmiBackendTest() : backend_(Deps(), &metrics_) {}

  ServiceDeps Deps() { return {&gate_, &control_, &store_, &board_, &feed_, &imports_, &shows_}; }

  // What a Show yields, message by message, and how it ended.
  template <class Response>
  absl::Status ReadAll(const google::protobuf::Message& request, std::vector<Response>* messages) {
    auto pages = backend_.Show(request);
    if (!pages.ok()) return pages.status();
    while (true) {
      Response response;
      const absl::StatusOr<bool> more = (*pages)->Next(&response);
      if (!more.ok() || !*more) return more.status();
      messages->push_back(std::move(response));
    }
  }

  // Actions of that name that ended so.
  double Counted(const std::string& action, const std::string& code) {
    for (const auto& family : metrics_.registry()->Collect()) {
      if (family.name != "outdial_ami_actions_total") continue;
      for (const auto& metric : family.metric) {
        std::string labels;
        for (const auto& label : metric.label) labels += label.name + "=" + label.value + " ";
        if (labels.find("action=" + action + " ") == std::string::npos) continue;
        if (labels.find("code=" + code + " ") != std::string::npos) return metric.counter.value;
      }
    }
    return 0;
  }

  void PutPlans(int count) {
    for (int i = 1; i <= count; ++i) {
      v1::Plan plan;
      plan.set_uuid(UuidText(i));
      store_.plans.Put(plan);
    }
  }

  Metrics metrics_;
  Inbox inbox_;
  ControlPlane control_{&inbox_};
  CallGate gate_{{}, &metrics_};
  FakeStore store_;
  StatusBoard board_{{}};
  EventFeed feed_{&store_, 0, &metrics_};
  OpenImports imports_;
  OpenShows shows_;
  AmiBackend backend_;
};

TEST_F(AmiBackendTest, AnActionIsPostedAndItsReplyComesBack) {
  std::optional<absl::StatusOr<engine::ActionResult>> result;
  v1::OutPlanCreateRequest request;
  request.mutable_plan()->set_name("p");
  backend_.Post(request, [&](auto done) { result = std::move(done); });
  EXPECT_FALSE(result.has_value());

  auto inputs = inbox_.Take(1, absl::InfiniteDuration());
  const auto& action = std::get<engine::ClientAction>(inputs.at(0));
  EXPECT_EQ(std::get<v1::OutPlanCreateRequest>(action.action).plan().name(), "p");
  v1::OutPlanCreateResponse response;
  response.mutable_plan()->set_uuid(UuidText(1));
  control_.Deliver({action.ticket, response});
  ASSERT_TRUE(result.has_value() && result->ok());
  EXPECT_EQ(std::get<v1::OutPlanCreateResponse>(**result).plan().uuid(), UuidText(1));
  EXPECT_EQ(Counted("OutPlanCreate", "OK"), 1);
}

TEST_F(AmiBackendTest, AShowComesInPages) {
  PutPlans(600);
  std::vector<v1::OutPlanShowResponse> pages;
  EXPECT_EQ(ReadAll(v1::OutPlanShowRequest(), &pages), absl::OkStatus());
  ASSERT_EQ(pages.size(), 4u);
  EXPECT_EQ(pages[3].plans(pages[3].plans_size() - 1).uuid(), UuidText(600));
  EXPECT_EQ(Counted("OutPlanShow", "OK"), 1);
}

TEST_F(AmiBackendTest, ACampaignShowsWhyItWaits) {
  v1::Campaign campaign;
  campaign.set_uuid(UuidText(1));
  campaign.set_status(v1::CAMPAIGN_STATUS_START);
  store_.campaigns.Put(campaign);
  board_.SetHalted("the disk is full");
  std::vector<v1::OutCampaignShowResponse> pages;
  EXPECT_EQ(ReadAll(v1::OutCampaignShowRequest(), &pages), absl::OkStatus());
  EXPECT_EQ(pages.at(0).campaigns(0).wait_detail(), "the disk is full");
}

TEST_F(AmiBackendTest, ASummaryIsOnePage) {
  std::vector<v1::OutDialingSummaryResponse> pages;
  EXPECT_EQ(ReadAll(v1::OutDialingSummaryRequest(), &pages), absl::OkStatus());
  ASSERT_EQ(pages.size(), 1u);
  EXPECT_EQ(pages[0].count(), 7u);

  v1::OutDialingSummaryRequest unknown;
  unknown.set_camp_uuid(UuidText(1));
  EXPECT_EQ(ReadAll(unknown, &pages).message(), "No such campaign");
}

TEST_F(AmiBackendTest, EveryKindOfShowIsThere) {
  std::vector<v1::OutCampaignStatShowResponse> stats;
  EXPECT_EQ(ReadAll(v1::OutCampaignStatShowRequest(), &stats), absl::OkStatus());
  std::vector<v1::OutDlmaShowResponse> dlmas;
  EXPECT_EQ(ReadAll(v1::OutDlmaShowRequest(), &dlmas), absl::OkStatus());
  std::vector<v1::OutDestinationShowResponse> destinations;
  EXPECT_EQ(ReadAll(v1::OutDestinationShowRequest(), &destinations), absl::OkStatus());
  std::vector<v1::OutDialingShowResponse> dialings;
  EXPECT_EQ(ReadAll(v1::OutDialingShowRequest(), &dialings), absl::OkStatus());
  std::vector<v1::OutDlListShowResponse> dls;
  EXPECT_TRUE(absl::IsInvalidArgument(ReadAll(v1::OutDlListShowRequest(), &dls)));
  EXPECT_EQ(Counted("OutDlListShow", "INVALID_ARGUMENT"), 1);
}

TEST_F(AmiBackendTest, WhatIsUnknownIsNotFoundAndCounted) {
  v1::OutPlanShowRequest request;
  request.set_uuid(UuidText(1));
  std::vector<v1::OutPlanShowResponse> pages;
  EXPECT_EQ(ReadAll(request, &pages).message(), "No such plan");
  EXPECT_EQ(Counted("OutPlanShow", "NOT_FOUND"), 1);
}

TEST_F(AmiBackendTest, AShowThatIsLeftInTheMiddleGivesItsPlaceBack) {
  PutPlans(600);
  std::vector<OpenShows::Place> others;
  for (size_t i = 1; i < OpenShows::kMaxShows; ++i) others.push_back(*shows_.Enter());
  {
    auto pages = backend_.Show(v1::OutPlanShowRequest());
    ASSERT_TRUE(pages.ok());
    v1::OutPlanShowResponse response;
    EXPECT_TRUE(*(*pages)->Next(&response));
    EXPECT_TRUE(absl::IsResourceExhausted(backend_.Show(v1::OutPlanShowRequest()).status()));
  }
  EXPECT_EQ(Counted("OutPlanShow", "CANCELLED"), 1);
  EXPECT_TRUE(backend_.Show(v1::OutPlanShowRequest()).ok());
}

TEST_F(AmiBackendTest, WhileDrainingNothingIsTaken) {
  PutPlans(1);
  auto pages = backend_.Show(v1::OutPlanShowRequest());
  ASSERT_TRUE(pages.ok());
  gate_.Drain();
  v1::OutPlanShowResponse response;
  EXPECT_TRUE(absl::IsUnavailable((*pages)->Next(&response).status()));
  EXPECT_TRUE(absl::IsUnavailable(backend_.Show(v1::OutPlanShowRequest()).status()));
  absl::Status posted;
  backend_.Post(v1::OutPlanCreateRequest(), [&](auto result) { posted = result.status(); });
  EXPECT_EQ(engine::ReasonOf(posted), engine::Reason::kShuttingDown);
  EXPECT_EQ(inbox_.size(), 0u);
  EXPECT_EQ(Counted("OutPlanCreate", "UNAVAILABLE"), 1);
}

TEST_F(AmiBackendTest, EventsAreTheLogsAndTheLastIsTheOneThatWasTold) {
  store_.AddEvents(5);
  EXPECT_EQ(backend_.LastEvent(), 0u);
  feed_.Publish(5);
  EXPECT_EQ(backend_.LastEvent(), 5u);
  EXPECT_EQ(backend_.Events(3, 10)->size(), 2u);
  store_.TrimTo(4);
  EXPECT_EQ(backend_.OldestEvent(), 4u);
  EXPECT_TRUE(absl::IsOutOfRange(backend_.Events(1, 10).status()));
}

}  // namespace
}  // namespace outdial::server
