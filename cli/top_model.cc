#include "cli/top_model.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace outdial::cli {
namespace {

// As the server's guard: below so many answers a share says nothing.
constexpr uint64_t kAnswersBeforeTarget = 20;
// An end that is further away is none.
constexpr absl::Duration kMaxRemaining = absl::Hours(24 * 365);

// Asterisk's device states.
constexpr uint32_t kDeviceUnknown = 0;
constexpr uint32_t kDeviceNotInUse = 1;
constexpr uint32_t kDeviceInvalid = 4;
constexpr uint32_t kDeviceUnavailable = 5;
constexpr uint32_t kDeviceRinging = 6;

uint64_t OutcomesOf(const v1::CampaignStat& stat, std::initializer_list<v1::Outcome> wanted) {
  uint64_t sum = 0;
  for (const v1::OutcomeCount& count : stat.outcomes()) {
    if (std::find(wanted.begin(), wanted.end(), count.outcome()) != wanted.end()) {
      sum += count.count();
    }
  }
  return sum;
}

// Records by uuid, for looking up only.
template <class Record>
class ByUuid {
 public:
  // `records` must outlive it.
  explicit ByUuid(const std::vector<Record>& records) {
    for (const Record& record : records) found_.emplace(record.uuid(), &record);
  }
  // An empty record where there is none.
  const Record& Find(const std::string& uuid) const {
    const auto found = found_.find(uuid);
    return found == found_.end() ? Record::default_instance() : *found->second;
  }

 private:
  absl::flat_hash_map<std::string, const Record*> found_;
};

TopCampaign MakeCampaign(const v1::Campaign& campaign, const v1::CampaignStat& stat,
                         const v1::Plan& plan) {
  TopCampaign result;
  result.uuid = campaign.uuid();
  result.name = campaign.name();
  result.status = campaign.status();
  result.wait_reason = campaign.wait_reason();
  result.wait_detail = campaign.wait_detail();
  result.status_detail = campaign.status_detail();
  result.calls = stat.dialings_in_progress();
  result.abandoned = OutcomesOf(stat, {v1::OUTCOME_ABANDONED, v1::OUTCOME_DESTINATION_FAILED});
  result.answered = result.abandoned + OutcomesOf(stat, {v1::OUTCOME_HANDLED});
  if (result.answered > 0) {
    result.abandoned_percent =
        100.0 * static_cast<double>(result.abandoned) / static_cast<double>(result.answered);
    result.is_above_target = result.answered >= kAnswersBeforeTarget &&
                             *result.abandoned_percent > plan.abandon_target();
  }
  result.left = stat.dl_available_count() + stat.dl_dialing_count();
  result.total = stat.dl_total_count();
  return result;
}

// What a member does, the more telling first: what one node tells may be better than another.
enum class Doing { kFree, kTalking, kRinging, kWrapUp, kPaused, kOffline };

Doing DoingOf(const v1::NodeQueueMember& member) {
  if (member.free()) return Doing::kFree;
  switch (member.device_state()) {
    case kDeviceInvalid:
    case kDeviceUnavailable:
      return Doing::kOffline;
    case kDeviceUnknown:
    case kDeviceNotInUse:
      return member.paused() ? Doing::kPaused : Doing::kWrapUp;
    case kDeviceRinging:
      return Doing::kRinging;
    default:  // in use, busy, on hold
      return Doing::kTalking;
  }
}

void CountMember(Doing doing, TopQueue* queue) {
  switch (doing) {
    case Doing::kFree:
      ++queue->free;
      break;
    case Doing::kTalking:
      ++queue->talking;
      break;
    case Doing::kRinging:
      ++queue->ringing;
      break;
    case Doing::kWrapUp:
      ++queue->wrap_up;
      break;
    case Doing::kPaused:
      ++queue->paused;
      break;
    case Doing::kOffline:
      ++queue->offline;
      break;
  }
}

std::vector<TopQueue> MakeQueues(const std::vector<v1::Node>& nodes) {
  struct Members {
    TopQueue queue;
    std::map<std::string, Doing> doing;  // by interface
  };
  std::map<std::string, Members> by_name;
  for (const v1::Node& node : nodes) {
    for (const v1::NodeQueue& queue : node.queues()) {
      Members& members = by_name[queue.name()];
      members.queue.nodes.push_back(node.name());
      members.queue.waiting += queue.waiting();
      for (const v1::NodeQueueMember& member : queue.members()) {
        const Doing doing = DoingOf(member);
        const auto [known, is_new] = members.doing.emplace(member.interface(), doing);
        if (!is_new) known->second = std::min(known->second, doing);
      }
    }
  }
  std::vector<TopQueue> queues;
  for (auto& [name, members] : by_name) {
    members.queue.name = name;
    for (const auto& [interface, doing] : members.doing) CountMember(doing, &members.queue);
    queues.push_back(std::move(members.queue));
  }
  return queues;
}

// A counter falls when a record behind it changes; then nothing was done.
double PerMinute(uint64_t before, uint64_t after, absl::Duration span) {
  return after > before ? static_cast<double>(after - before) / absl::ToDoubleMinutes(span) : 0;
}

std::optional<absl::Time> ExpectedEnd(const TopCampaign& campaign, const v1::Plan& plan,
                                      absl::Time now) {
  const bool ends = campaign.status == v1::CAMPAIGN_STATUS_START &&
                    plan.dl_end_handle() == v1::DL_END_HANDLE_STOP && campaign.left > 0;
  if (!ends || campaign.finished_per_minute.value_or(0) <= 0) return std::nullopt;
  const absl::Duration remaining =
      absl::Minutes(static_cast<double>(campaign.left) / *campaign.finished_per_minute);
  if (remaining > kMaxRemaining) return std::nullopt;
  return now + remaining;
}

}  // namespace

void TopModel::Count(const Point& now, const std::string& revisions, Course* course,
                     TopCampaign* campaign) const {
  auto& points = course->points;
  const bool is_set_back = !points.empty() && now.time < points.back().time;
  if (course->revisions != revisions || is_set_back) points.clear();
  course->revisions = revisions;
  while (!points.empty() && points.front().time < now.time - kFinishedWindow) points.pop_front();
  const auto since = [&](absl::Duration window) -> const Point* {
    const auto first = std::find_if(points.begin(), points.end(), [&](const Point& point) {
      return point.time >= now.time - window;
    });
    return first == points.end() || now.time - first->time < kMinSpan ? nullptr : &*first;
  };
  if (const Point* first = since(kFinishedWindow)) {
    campaign->finished_per_minute =
        PerMinute(first->finished, now.finished, now.time - first->time);
  }
  if (const Point* first = since(kAnsweredWindow)) {
    campaign->answered_per_minute =
        PerMinute(first->answered, now.answered, now.time - first->time);
  }
  if (points.empty() || now.time - points.back().time >= kMinSpan) points.push_back(now);
}

TopView TopModel::Add(const TopSample& sample) {
  TopView view;
  view.time = sample.time;
  view.queues = MakeQueues(sample.nodes);
  view.nodes = sample.nodes;
  const ByUuid stats(sample.stats);
  const ByUuid plans(sample.plans);
  std::map<std::string, Course> courses;
  for (const v1::Campaign& campaign : sample.campaigns) {
    const v1::CampaignStat& stat = stats.Find(campaign.uuid());
    const v1::Plan& plan = plans.Find(campaign.plan());
    TopCampaign& shown = view.campaigns.emplace_back(MakeCampaign(campaign, stat, plan));
    Course& course = courses[campaign.uuid()] = std::move(courses_[campaign.uuid()]);
    Count({sample.time, stat.dl_finished_count(), shown.answered},
          absl::StrCat(campaign.revision(), " ", plan.uuid(), " ", plan.revision()), &course,
          &shown);
    shown.expected_end = ExpectedEnd(shown, plan, sample.time);
    view.calls += shown.calls;
    if (shown.answered_per_minute.has_value()) {
      view.answered_per_minute = view.answered_per_minute.value_or(0) + *shown.answered_per_minute;
    }
  }
  courses_ = std::move(courses);
  return view;
}

}  // namespace outdial::cli
