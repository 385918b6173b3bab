// Many campaigns at once through the real engine, on the real record store in memory: what each of
// them gets, and what is told of those that wait.
#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/dial_engine.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "storage/memory_store.h"
#include "storage/record_store.h"

namespace outdial::engine {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

constexpr char kNode[] = "a";
constexpr char kQueue[] = "sales";
constexpr absl::Duration kTick = absl::Milliseconds(10);

class NoZones : public ZoneLookup {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view) override { return absl::UTCTimeZone(); }
};

// An engine with one node, where each call is busy after a while, or talks to an agent for as long.
class World {
 public:
  explicit World(const Cap& node_cap, absl::Duration call_length = absl::Milliseconds(100))
      : call_length_(call_length), engine_(ConfigOf(node_cap), &zones_) {
    auto store = storage::RecordStore::Open(std::make_unique<storage::MemoryStore>(), {});
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    Output output;
    EXPECT_TRUE(engine_.Load(store_->Round(), now_, &output).ok());
    Commit(std::move(output));
    Tell(NodeConnected{.boot_time = {},
                       .version = "22",
                       .problems = {},
                       .may_originate = true,
                       .sees_calls = true,
                       .sees_queues = true});
    Tell(QueueSeen{kQueue});
    Tell(NodeSynced{});
  }

  void AddAgents(int agents) {
    for (int i = 0; i < agents; ++i) {
      const std::string interface = absl::StrCat("PJSIP/agent", i);
      idle_.insert(interface);
      Tell(MemberOf(interface, 1));
    }
  }
  void AddCallers(int callers) {
    for (int i = 0; i < callers; ++i) Tell(QueueCallerSeen{kQueue, absl::StrCat("caller", i)});
  }
  std::string AddPlan(v1::DialMode mode, uint32_t retry_delay, uint32_t max_retry = 5) {
    v1::OutPlanCreateRequest request;
    request.mutable_plan()->set_dial_mode(mode);
    request.mutable_plan()->set_trunk_name("gw");
    request.mutable_plan()->set_retry_delay(retry_delay);
    request.mutable_plan()->set_abandon_after(60000);
    for (int i = 0; i < 8; ++i) request.mutable_plan()->add_max_retry(max_retry);
    return Do<v1::OutPlanCreateResponse>(request).plan().uuid();
  }
  std::string AddDestination(const std::string& application) {
    v1::OutDestinationCreateRequest request;
    request.mutable_destination()->set_type(v1::DESTINATION_TYPE_APPLICATION);
    request.mutable_destination()->set_application(application);
    if (application == "Queue") request.mutable_destination()->set_data(kQueue);
    return Do<v1::OutDestinationCreateResponse>(request).destination().uuid();
  }
  std::string AddList(int entries) {
    const std::string list =
        Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid();
    for (int i = 0; i < entries; ++i) {
      v1::OutDlListCreateRequest request;
      request.mutable_dl()->set_dlma_uuid(list);
      request.mutable_dl()->add_number(absl::StrCat(1000 + i));
      Do<v1::OutDlListCreateResponse>(request);
    }
    return list;
  }
  std::string AddCampaign(const std::string& plan, const std::string& dest,
                          const std::string& list) {
    v1::OutCampaignCreateRequest request;
    request.mutable_campaign()->set_plan(plan);
    request.mutable_campaign()->set_dest(dest);
    request.mutable_campaign()->set_dlma(list);
    return Do<v1::OutCampaignCreateResponse>(request).campaign().uuid();
  }
  void Start(const std::string& campaign) {
    v1::OutCampaignUpdateRequest request;
    request.mutable_campaign()->set_uuid(campaign);
    request.mutable_campaign()->set_status(v1::CAMPAIGN_STATUS_START);
    Do<v1::OutCampaignUpdateResponse>(request);
  }

  // Until so many calls were placed since the world began, or the time has gone by.
  void RunUntil(size_t calls, absl::Duration at_most = absl::Hours(1)) {
    const MonotonicTime end = now_.mono + at_most;
    while (calls_.size() < calls && now_.mono < end) Advance();
  }
  void RunFor(absl::Duration time) { RunUntil(std::numeric_limits<size_t>::max(), time); }

  struct Call {
    std::string campaign;
    std::string entry;
    absl::Duration when;
  };
  const std::vector<Call>& calls() const { return calls_; }
  std::map<std::string, int> CallsByCampaign() const {
    std::map<std::string, int> counts;
    for (const Call& call : calls_) ++counts[call.campaign];
    return counts;
  }
  const CampaignWait& WaitOf(const std::string& campaign) { return waits_[campaign]; }
  absl::Duration elapsed() const { return now_.mono - kStart; }
  // The most calls that one entry had at a time.
  int most_calls_of_an_entry() const { return most_calls_of_an_entry_; }

  template <class Response>
  Response Do(Action action) {
    Step(ClientAction{1, std::move(action)});
    EXPECT_TRUE(reply_.ok()) << reply_.status();
    return std::get<Response>(*reply_);
  }

 private:
  static constexpr absl::Duration kStart = absl::Hours(1);

  static EngineConfig ConfigOf(const Cap& node_cap) {
    const Cap open{.max_calls = 100000, .calls_per_second = 100000};
    EngineConfig config;
    config.nodes = {{kNode, node_cap}};
    config.trunk_cap = open;
    config.server_cap = {.max_calls = 20, .calls_per_second = 1000};
    config.seed = 1;
    return config;
  }
  static QueueMemberSeen MemberOf(const std::string& interface, int device_state) {
    QueueMemberSeen seen;
    seen.queue = kQueue;
    seen.interface = interface;
    seen.device_state = device_state;
    return seen;
  }

  void Advance() {
    now_.mono += kTick;
    now_.wall += kTick;
    while (!ends_.empty() && ends_.front().at <= now_.mono) {
      const End end = ends_.front();
      ends_.pop_front();
      --calls_of_entry_[end.entry];
      if (end.agent.empty()) {
        Tell(OriginateResponse{end.dialing, false, 0, ""});
        Tell(ChannelHungUp{end.dialing, 17, "User busy", 486});
        continue;
      }
      Tell(ChannelHungUp{end.dialing, 16, "", 0});
      idle_.insert(end.agent);
      Tell(AgentCompleted{kQueue, end.agent});
      Tell(MemberOf(end.agent, 1));
    }
    Step(Tick{});
  }

  void Tell(NodeFact fact) { Step(NodeEvent{kNode, std::move(fact)}); }

  void Step(const Input& input) {
    Output output;
    const absl::Status status = engine_.Step(input, now_, store_->Round(), &output);
    EXPECT_TRUE(status.ok()) << status;
    Commit(std::move(output));
  }

  void Commit(Output output) {
    EXPECT_TRUE(store_->Commit().ok());
    engine_.OnSent(output.commands, now_.mono);
    for (Reply& reply : output.replies) reply_ = std::move(reply.result);
    for (const CampaignWait& wait : output.waits) waits_[wait.campaign.ToString()] = wait;
    for (const NodeCommand& command : output.commands) {
      const auto* originate = std::get_if<Originate>(&command.command);
      if (originate != nullptr) Carry(*originate);
    }
  }

  void Carry(const Originate& originate) {
    const auto variable = [&originate](absl::string_view wanted) {
      for (const auto& [name, value] : originate.variables) {
        if (name == wanted) return value;
      }
      return std::string();
    };
    const std::string entry = variable("OUTDIAL_DL_UUID");
    calls_.push_back({variable("OUTDIAL_CAMPAIGN_UUID"), entry, elapsed()});
    most_calls_of_an_entry_ = std::max(most_calls_of_an_entry_, ++calls_of_entry_[entry]);
    std::string agent;
    if (originate.application == "Queue") {
      EXPECT_FALSE(idle_.empty()) << "a call without a free agent";
      agent = *idle_.begin();
      idle_.erase(idle_.begin());
    }
    ends_.push_back({now_.mono + call_length_, originate.dialing, entry, agent});
    Tell(ChannelCreated{originate.dialing, "PJSIP/gw-1"});
    if (agent.empty()) return;
    Tell(OriginateResponse{originate.dialing, true, 4, ""});
    Tell(QueueJoined{originate.dialing, kQueue});
    Tell(MemberOf(agent, 2));
    Tell(AgentConnected{originate.dialing, kQueue, agent});
  }

  struct End {
    MonotonicTime at;
    DialingUuid dialing;
    std::string entry;
    std::string agent;  // empty: busy
  };

  const absl::Duration call_length_;
  NoZones zones_;
  Now now_{kStart, absl::FromUnixSeconds(1700000000)};
  DialEngine engine_;
  std::unique_ptr<storage::RecordStore> store_;
  absl::StatusOr<ActionResult> reply_;
  std::deque<End> ends_;
  std::set<std::string> idle_;
  std::vector<Call> calls_;
  std::map<std::string, int> calls_of_entry_;
  int most_calls_of_an_entry_ = 0;
  std::map<std::string, CampaignWait> waits_;
};

constexpr int kSmall = 999;

struct Campaigns {
  std::string large;
  std::vector<std::string> small;
};

// One with a long list beside 999 with short ones, not started yet.
Campaigns MakeCampaigns(World& world, const std::string& plan, const std::string& dest,
                        int entries_of_small) {
  Campaigns campaigns;
  campaigns.large = world.AddCampaign(plan, dest, world.AddList(2000));
  for (int i = 0; i < kSmall; ++i) {
    campaigns.small.push_back(world.AddCampaign(plan, dest, world.AddList(entries_of_small)));
  }
  return campaigns;
}
void StartAll(World& world, const Campaigns& campaigns) {
  world.Start(campaigns.large);
  for (const std::string& campaign : campaigns.small) world.Start(campaign);
}

TEST(CampaignSharesTest, CampaignsThatShareARateAreDialledInTurn) {
  World world({.max_calls = 1000, .calls_per_second = 100});
  const std::string plan = world.AddPlan(v1::DIAL_MODE_ROBO, 3600);
  const Campaigns campaigns = MakeCampaigns(world, plan, world.AddDestination("Echo"), 2);
  StartAll(world, campaigns);
  const absl::Duration begin = world.elapsed();
  // Those that were started first dialled before the others were there.
  world.RunUntil(2000);
  EXPECT_LT(world.elapsed() - begin, absl::Seconds(25));
  const std::map<std::string, int> calls = world.CallsByCampaign();
  ASSERT_EQ(calls.size(), 1000u);
  for (const auto& [campaign, count] : calls) {
    EXPECT_GE(count, campaign == campaigns.large ? 2 : 1) << campaign;
    EXPECT_LE(count, campaign == campaigns.large ? 110 : 2) << campaign;
  }
  // The short lists wait for their delay: all that the node takes is for the long one.
  world.RunUntil(2300);
  world.RunFor(absl::Seconds(2));
  const auto& last = world.calls().back();
  EXPECT_EQ(last.campaign, campaigns.large);
  EXPECT_GT(world.CallsByCampaign().at(campaigns.large), 400);
}

TEST(CampaignSharesTest, AnAgentWhoIsFreeGoesToWhoeverWaitedLongest) {
  World world({.max_calls = 1000, .calls_per_second = 1000}, absl::Milliseconds(40));
  const std::string plan = world.AddPlan(v1::DIAL_MODE_PROGRESSIVE, 3600);
  const Campaigns campaigns = MakeCampaigns(world, plan, world.AddDestination("Queue"), 5);
  StartAll(world, campaigns);
  EXPECT_EQ(world.calls().size(), 0u);
  world.AddAgents(10);
  world.RunUntil(3000, absl::Seconds(60));
  ASSERT_GE(world.calls().size(), 3000u);
  std::vector<int> counts;
  for (const auto& [campaign, count] : world.CallsByCampaign()) counts.push_back(count);
  ASSERT_EQ(counts.size(), 1000u);
  EXPECT_GE(*std::min_element(counts.begin(), counts.end()), 2);
  EXPECT_LE(*std::max_element(counts.begin(), counts.end()), 4);
}

TEST(CampaignSharesTest, OneEntryIsDialledSoonBesideALongList) {
  World world({.max_calls = 10, .calls_per_second = 1000});
  const std::string plan = world.AddPlan(v1::DIAL_MODE_ROBO, 1);
  const std::string dest = world.AddDestination("Echo");
  Campaigns campaigns = MakeCampaigns(world, plan, dest, 3);
  StartAll(world, campaigns);
  world.RunUntil(1500);
  // Of a campaign that was never served, while all others are at work.
  const std::string late = world.AddCampaign(plan, dest, world.AddList(1));
  const size_t before = world.calls().size();
  world.Start(late);
  world.RunUntil(before + 5);
  const auto is_late = [&late](const World::Call& call) { return call.campaign == late; };
  EXPECT_TRUE(std::any_of(world.calls().begin() + static_cast<std::ptrdiff_t>(before),
                          world.calls().end(), is_late));
  // And its second try comes one round of all campaigns after the first at the latest.
  world.RunUntil(before + 5 + 1000 + 20);
  EXPECT_GE(std::count_if(world.calls().begin(), world.calls().end(), is_late), 2);
}

TEST(CampaignSharesTest, EachTellsWhyItWaitsWhileTheServerIsFull) {
  // Calls that last: 20 of them fill the server.
  World world({.max_calls = 1000, .calls_per_second = 1000}, absl::Hours(10));
  const std::string dest = world.AddDestination("Echo");
  const std::string plan = world.AddPlan(v1::DIAL_MODE_ROBO, 60);
  // Waits for an entry before the server is full.
  const std::string empty = world.AddList(0);
  const std::string keeps = world.AddPlan(v1::DIAL_MODE_ROBO, 60);
  v1::OutPlanUpdateRequest keep;
  keep.mutable_plan()->set_uuid(keeps);
  keep.mutable_plan()->set_dl_end_handle(v1::DL_END_HANDLE_KEEP_RUNNING);
  world.Do<v1::OutPlanUpdateResponse>(keep);
  const std::string waits = world.AddCampaign(keeps, dest, empty);
  world.Start(waits);
  EXPECT_EQ(world.WaitOf(waits).reason, v1::WAIT_REASON_LIST_USED_UP);
  std::vector<std::string> busy;
  for (int i = 0; i < 3; ++i) busy.push_back(world.AddCampaign(plan, dest, world.AddList(30)));
  for (const std::string& campaign : busy) world.Start(campaign);
  world.RunFor(absl::Seconds(3));
  ASSERT_EQ(world.calls().size(), 20u);
  for (const std::string& campaign : busy) {
    EXPECT_EQ(world.WaitOf(campaign).reason, v1::WAIT_REASON_CALL_CAP);
    EXPECT_THAT(world.WaitOf(campaign).detail, HasSubstr("server: at most 20 calls"));
  }
  // Its list is empty, whether the server is full or not.
  EXPECT_EQ(world.WaitOf(waits).reason, v1::WAIT_REASON_LIST_USED_UP);
  v1::OutDlListCreateRequest entry;
  entry.mutable_dl()->set_dlma_uuid(empty);
  entry.mutable_dl()->add_number("2000");
  world.Do<v1::OutDlListCreateResponse>(entry);
  EXPECT_EQ(world.WaitOf(waits).reason, v1::WAIT_REASON_CALL_CAP);
}

TEST(CampaignSharesTest, WhatWaitsForTheSameIsToldOfAll) {
  World world({.max_calls = 1000, .calls_per_second = 1000}, absl::Hours(10));
  const std::string plan = world.AddPlan(v1::DIAL_MODE_PROGRESSIVE, 60);
  const std::string dest = world.AddDestination("Queue");
  std::vector<std::string> campaigns;
  for (int i = 0; i < 5; ++i) campaigns.push_back(world.AddCampaign(plan, dest, world.AddList(2)));
  for (const std::string& campaign : campaigns) world.Start(campaign);
  const auto details = [&] {
    std::vector<std::string> all;
    for (const std::string& campaign : campaigns) {
      EXPECT_EQ(world.WaitOf(campaign).reason, v1::WAIT_REASON_NO_FREE_AGENT);
      all.push_back(world.WaitOf(campaign).detail);
    }
    return all;
  };
  EXPECT_THAT(details(), Each(HasSubstr("0 free agent(s) in queue sales, 0 call(s)")));
  // One campaign gets an agent and another one finds that there is none left; all tell what it saw.
  world.AddCallers(2);
  world.AddAgents(3);
  world.RunFor(absl::Seconds(2));
  EXPECT_EQ(world.calls().size(), 1u);
  EXPECT_THAT(details(), Each("2 free agent(s) in queue sales, 0 call(s) on their way to them, 2 "
                              "other caller(s) waiting"));
}

// Which entries a list gives out is one matter for all campaigns that share it.
TEST(CampaignSharesTest, CampaignsWithDifferentPlansShareAList) {
  World world({.max_calls = 15, .calls_per_second = 1000}, absl::Milliseconds(300));
  const std::string dest = world.AddDestination("Echo");
  const std::string list = world.AddList(50);
  // By how often each may try, and how soon again.
  const std::string eager = world.AddCampaign(world.AddPlan(v1::DIAL_MODE_ROBO, 1, 4), dest, list);
  const std::string patient =
      world.AddCampaign(world.AddPlan(v1::DIAL_MODE_ROBO, 30, 7), dest, list);
  world.Start(eager);
  world.Start(patient);
  world.RunFor(absl::Minutes(5));
  EXPECT_EQ(world.most_calls_of_an_entry(), 1);
  std::map<std::string, int> tries;
  std::map<std::string, absl::Duration> last;
  for (const World::Call& call : world.calls()) {
    // Tries count on the entry, whoever tried; each waits for its own delay since the last end.
    const bool is_eager = call.campaign == eager;
    const int before = tries[call.entry]++;
    EXPECT_LT(before, is_eager ? 4 : 7) << call.entry;
    if (before > 0) {
      EXPECT_GE(call.when - last[call.entry],
                absl::Seconds(is_eager ? 1 : 30) + absl::Milliseconds(300));
    }
    last[call.entry] = call.when;
  }
  // Both took part, and the one with more tries left has had the last word on every entry.
  EXPECT_EQ(world.CallsByCampaign().size(), 2u);
  EXPECT_EQ(tries.size(), 50u);
  for (const auto& [entry, count] : tries) EXPECT_EQ(count, 7) << entry;
}

}  // namespace
}  // namespace outdial::engine
