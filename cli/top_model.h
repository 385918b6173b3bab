// What `top` shows: campaigns, agents and nodes, with rates from the samples before.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/top_sample.h"

namespace outdial::cli {

// A campaign of a view. Counts of answered and abandoned people are those of ended calls since the
// campaign was made; a person who was dropped because the destination failed counts as abandoned.
struct TopCampaign {
  std::string uuid = {};
  std::string name = {};
  v1::CampaignStatus status = v1::CAMPAIGN_STATUS_STOP;
  v1::WaitReason wait_reason = v1::WAIT_REASON_NONE;
  // In words, why it waits; empty: it does not.
  std::string wait_detail = {};
  // Why the server paused or stopped it by itself; empty: it did not.
  std::string status_detail = {};
  uint64_t calls = 0;
  uint64_t answered = 0;
  uint64_t abandoned = 0;
  // Of the answered; absent: nobody answered yet.
  std::optional<double> abandoned_percent = {};
  // The share is above the plan's abandon target, after enough answers to tell.
  bool is_above_target = false;
  // Entries that can still be dialled or are being dialled.
  uint64_t left = 0;
  uint64_t total = 0;
  // Over the last 5 minutes; absent: not known yet.
  std::optional<double> finished_per_minute = {};
  // Over the last minute; absent: not known yet.
  std::optional<double> answered_per_minute = {};
  // When no entry would be left at the rate at which entries were finished over the last 5 minutes.
  // Absent: not running, rate not known or 0, or the campaign keeps running at its list's end.
  std::optional<absl::Time> expected_end = {};
};

// Members of the queues of one name on all nodes; one interface is one agent, whatever nodes know
// it. Each agent counts once, as the first of these that holds on any node.
struct TopQueue {
  std::string name = {};
  std::vector<std::string> nodes = {};
  uint32_t free = 0;
  // In a call.
  uint32_t talking = 0;
  uint32_t ringing = 0;
  // In wrap-up, or in a call of another queue.
  uint32_t wrap_up = 0;
  uint32_t paused = 0;
  // Device not reachable.
  uint32_t offline = 0;
  // People waiting in the queues.
  uint32_t waiting = 0;
};

struct TopView {
  absl::Time time;
  // In the order in which they were made.
  std::vector<TopCampaign> campaigns;
  // By name.
  std::vector<TopQueue> queues;
  std::vector<v1::Node> nodes;
  // Of all campaigns.
  uint64_t calls = 0;
  std::optional<double> answered_per_minute = {};
};

// Pure: knows no clock but the samples' times. Belongs to one thread.
class TopModel {
 public:
  // A rate is told from so long a time on.
  static constexpr absl::Duration kMinSpan = absl::Seconds(5);
  static constexpr absl::Duration kFinishedWindow = absl::Minutes(5);
  static constexpr absl::Duration kAnsweredWindow = absl::Minutes(1);

  // Samples come in the order of their times; one that is older than the one before (a clock that
  // was put back) begins all rates anew.
  TopView Add(const TopSample& sample);

 private:
  struct Point {
    absl::Time time;
    uint64_t finished;
    uint64_t answered;
  };
  // Counters of one campaign, one point each kMinSpan, no longer back than kFinishedWindow.
  struct Course {
    // Revisions under which entries are counted as finished: a change of the plan or a restart of
    // the campaign makes the counter jump, and says nothing about the rate.
    std::string revisions;
    std::deque<Point> points;
  };

  void Count(const Point& now, const std::string& revisions, Course* course,
             TopCampaign* campaign) const;

  std::map<std::string, Course> courses_;  // by campaign uuid
};

}  // namespace outdial::cli
