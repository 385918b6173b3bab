#include "cli/top_frame.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/enum_names.h"
#include "cli/text_table.h"

namespace outdial::cli {
namespace {

constexpr char kNone[] = "-";

TopSpan Number(uint64_t number, TopStyle style = TopStyle::kPlain) {
  return {absl::StrCat(number), style};
}

// `34`; below 10 `3.4`.
std::string RateText(const std::optional<double>& rate) {
  if (!rate.has_value()) return kNone;
  return *rate < 9.95 ? absl::StrFormat("%.1f", *rate) : absl::StrFormat("%.0f", *rate);
}

// `14:35` today, `11-24 09:10` on another day.
std::string ClockText(const std::optional<absl::Time>& time, absl::Time now, absl::TimeZone zone) {
  if (!time.has_value()) return kNone;
  const bool is_today = absl::ToCivilDay(*time, zone) == absl::ToCivilDay(now, zone);
  return absl::FormatTime(is_today ? "%H:%M" : "%m-%d %H:%M", *time, zone);
}

std::string ListOf(const std::vector<std::string>& names) {
  return Printable(absl::StrJoin(names, ", "));
}

TopSpan State(v1::CampaignStatus status) {
  const auto* value = v1::CampaignStatus_descriptor()->FindValueByNumber(status);
  const std::string text = value == nullptr ? absl::StrCat(status) : Words(*value);
  switch (status) {
    case v1::CAMPAIGN_STATUS_START:
      return {text, TopStyle::kGood};
    case v1::CAMPAIGN_STATUS_STOP:
      return {text, TopStyle::kFaint};
    default:
      return {text, TopStyle::kWarning};
  }
}

bool IsActive(const TopCampaign& campaign) {
  return campaign.status != v1::CAMPAIGN_STATUS_STOP || campaign.calls > 0;
}

// Running first, stopped last.
int StateRank(const TopCampaign& campaign) {
  if (campaign.status == v1::CAMPAIGN_STATUS_START) return 0;
  return IsActive(campaign) ? 1 : 2;
}

const std::string& ShownName(const TopCampaign& campaign) {
  return campaign.name.empty() ? campaign.uuid : campaign.name;
}

std::string NameKey(const TopCampaign& campaign) {
  return absl::AsciiStrToLower(ShownName(campaign));
}

bool ComesFirst(const TopCampaign& a, const TopCampaign& b, TopSort sort) {
  switch (sort) {
    case TopSort::kState:
      return std::tuple(StateRank(a), NameKey(a)) < std::tuple(StateRank(b), NameKey(b));
    case TopSort::kName:
      return NameKey(a) < NameKey(b);
    case TopSort::kCalls:
      return a.calls > b.calls;
    case TopSort::kAbandoned:
      return a.abandoned_percent.value_or(-1) > b.abandoned_percent.value_or(-1);
    case TopSort::kEnd:
      return a.expected_end.value_or(absl::InfiniteFuture()) <
             b.expected_end.value_or(absl::InfiniteFuture());
  }
  return false;
}

std::vector<TopCampaign> ShownCampaigns(const TopView& view, const TopFrameOptions& options) {
  std::vector<TopCampaign> shown;
  for (const TopCampaign& campaign : view.campaigns) {
    if (IsActive(campaign) || !options.only_active) shown.push_back(campaign);
  }
  std::stable_sort(shown.begin(), shown.end(), [&](const TopCampaign& a, const TopCampaign& b) {
    return ComesFirst(a, b, options.sort);
  });
  return shown;
}

// `no free agent: 3 free agent(s) in queue sales, ...`: the reason first, since the rest may be
// cut.
std::string WaitText(const TopCampaign& campaign) {
  if (!campaign.status_detail.empty()) return campaign.status_detail;
  const auto* reason = v1::WaitReason_descriptor()->FindValueByNumber(campaign.wait_reason);
  if (campaign.wait_reason == v1::WAIT_REASON_NONE || reason == nullptr) {
    return campaign.wait_detail;
  }
  if (campaign.wait_detail.empty()) return Words(*reason);
  return absl::StrCat(Words(*reason), ": ", campaign.wait_detail);
}

// What every campaign waits for now and then needs nobody's eye.
TopStyle WaitStyle(const TopCampaign& campaign) {
  switch (campaign.wait_reason) {
    case v1::WAIT_REASON_NONE:
      return campaign.status == v1::CAMPAIGN_STATUS_STOP ? TopStyle::kFaint : TopStyle::kWarning;
    case v1::WAIT_REASON_NO_FREE_AGENT:
    case v1::WAIT_REASON_RETRY_DELAY:
    case v1::WAIT_REASON_LIST_USED_UP:
    case v1::WAIT_REASON_CALLS_IN_PROGRESS:
      return TopStyle::kPlain;
    default:
      return TopStyle::kWarning;
  }
}

TopLine CampaignRow(const TopCampaign& campaign, absl::Time now, absl::TimeZone zone) {
  const TopStyle abandoned = campaign.is_above_target ? TopStyle::kBad : TopStyle::kPlain;
  const std::string percent = campaign.abandoned_percent.has_value()
                                  ? absl::StrFormat("%.1f", *campaign.abandoned_percent)
                                  : kNone;
  return {{Printable(ShownName(campaign))},
          State(campaign.status),
          Number(campaign.calls),
          Number(campaign.answered),
          Number(campaign.abandoned, abandoned),
          {percent, abandoned},
          Number(campaign.left),
          Number(campaign.total),
          {ClockText(campaign.expected_end, now, zone)},
          {Printable(WaitText(campaign)), WaitStyle(campaign)}};
}

// `CAMPAIGNS  2 of 40 shown, by state`
TopLine CampaignTitle(size_t shown, size_t all, TopSort sort) {
  const std::string count =
      shown == all ? absl::StrCat(all) : absl::StrCat(shown, " of ", all, " shown");
  return {{"CAMPAIGNS", TopStyle::kHeading},
          {absl::StrCat("  ", count, ", by ", SortName(sort)), TopStyle::kFaint}};
}

void AddSection(TopLine title, std::vector<TopLine> lines, std::vector<TopLine>* body) {
  if (!body->empty()) body->emplace_back();
  body->push_back(std::move(title));
  for (TopLine& line : lines) body->push_back(std::move(line));
}

void AddCampaigns(const TopView& view, const TopFrameOptions& options, std::vector<TopLine>* body) {
  const std::vector<TopCampaign> shown = ShownCampaigns(view, options);
  TopLine title = CampaignTitle(shown.size(), view.campaigns.size(), options.sort);
  if (shown.empty()) {
    AddSection(std::move(title), {}, body);
    return;
  }
  std::vector<TopLine> rows;
  for (const TopCampaign& campaign : shown) {
    rows.push_back(CampaignRow(campaign, view.time, options.zone));
  }
  AddSection(std::move(title),
             LayOut({{.title = "NAME", .min_width = 12},
                     {.title = "STATE"},
                     {.title = "CALLS", .is_right = true},
                     {.title = "ANSWERED", .is_right = true, .drop_order = 4},
                     {.title = "ABANDONED", .is_right = true, .drop_order = 5},
                     {.title = "%", .is_right = true, .drop_order = 1},
                     {.title = "LEFT", .is_right = true},
                     {.title = "OF", .is_right = true, .drop_order = 6},
                     {.title = "END", .is_right = true, .drop_order = 3},
                     {.title = "WAITS FOR", .min_width = 16, .drop_order = 2}},
                    std::move(rows), options.width),
             body);
}

TopLine QueueRow(const TopQueue& queue) {
  const uint32_t members =
      queue.free + queue.talking + queue.ringing + queue.wrap_up + queue.paused + queue.offline;
  const TopStyle free = queue.free > 0 ? TopStyle::kGood
                        : members > 0  ? TopStyle::kWarning
                                       : TopStyle::kFaint;
  return {{Printable(queue.name)},
          Number(queue.free, free),
          Number(queue.talking),
          Number(queue.ringing),
          Number(queue.wrap_up),
          Number(queue.paused),
          Number(queue.offline),
          Number(members),
          Number(queue.waiting, queue.waiting > 0 ? TopStyle::kWarning : TopStyle::kPlain),
          {ListOf(queue.nodes)}};
}

void AddQueues(const TopView& view, size_t width, std::vector<TopLine>* body) {
  TopLine title = {{"AGENTS", TopStyle::kHeading}};
  if (view.queues.empty()) {
    title.push_back({"  no queue is known", TopStyle::kFaint});
    AddSection(std::move(title), {}, body);
    return;
  }
  title.push_back({"  and people waiting for them", TopStyle::kFaint});
  std::vector<TopLine> rows;
  for (const TopQueue& queue : view.queues) rows.push_back(QueueRow(queue));
  AddSection(std::move(title),
             LayOut({{.title = "QUEUE", .min_width = 12},
                     {.title = "FREE", .is_right = true},
                     {.title = "TALKING", .is_right = true},
                     {.title = "RINGING", .is_right = true, .drop_order = 2},
                     {.title = "WRAP-UP", .is_right = true, .drop_order = 1},
                     {.title = "PAUSED", .is_right = true},
                     {.title = "OFFLINE", .is_right = true, .drop_order = 3},
                     {.title = "OF", .is_right = true, .drop_order = 4},
                     {.title = "WAITING", .is_right = true},
                     {.title = "NODES", .min_width = 8, .drop_order = 5}},
                    std::move(rows), width),
             body);
}

TopStyle StyleOf(v1::NodeState state) {
  switch (state) {
    case v1::NODE_STATE_READY:
      return TopStyle::kGood;
    case v1::NODE_STATE_CONNECTING:
    case v1::NODE_STATE_DEGRADED:
      return TopStyle::kWarning;
    default:
      return TopStyle::kBad;
  }
}

TopLine NodeRow(const v1::Node& node) {
  const auto* state = v1::NodeState_descriptor()->FindValueByNumber(node.state());
  const double delay = node.originate_delay_ms();
  return {{Printable(node.name())},
          {state == nullptr ? absl::StrCat(node.state()) : Words(*state), StyleOf(node.state())},
          Number(node.calls()),
          Number(node.max_calls()),
          {absl::StrCat(node.calls_per_second())},
          {delay > 0 ? absl::StrFormat("%.0f ms", delay) : kNone}};
}

// The table, and under each node its problems, a line each.
std::vector<TopLine> NodeLines(const std::vector<v1::Node>& nodes, size_t width) {
  std::vector<TopLine> rows;
  for (const v1::Node& node : nodes) rows.push_back(NodeRow(node));
  const std::vector<TopLine> table =
      LayOut({{.title = "NODE", .min_width = 12},
              {.title = "STATE"},
              {.title = "CALLS", .is_right = true},
              {.title = "OF", .is_right = true},
              {.title = "MOST CALLS/S", .is_right = true, .drop_order = 2},
              {.title = "ORIGINATE DELAY", .is_right = true, .drop_order = 1}},
             std::move(rows), width);
  std::vector<TopLine> lines = {table[0]};
  for (size_t i = 0; i < nodes.size(); ++i) {
    lines.push_back(table[i + 1]);
    for (const std::string& problem : nodes[i].problems()) {
      lines.push_back({{absl::StrCat("  ", Printable(problem)), StyleOf(nodes[i].state())}});
    }
  }
  return lines;
}

void AddNodes(const TopView& view, size_t width, std::vector<TopLine>* body) {
  TopLine title = {{"NODES", TopStyle::kHeading}};
  if (view.nodes.empty()) {
    title.push_back({"  none is configured", TopStyle::kFaint});
    AddSection(std::move(title), {}, body);
    return;
  }
  AddSection(std::move(title), NodeLines(view.nodes, width), body);
}

// Server, time and totals; the server and the date go where there is no room.
TopLine Header(const TopView& view, const TopFrameOptions& options) {
  const std::string totals = absl::StrCat("   ", view.calls, " calls in progress   ",
                                          RateText(view.answered_per_minute), " answered/min");
  const std::string date = absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", view.time, options.zone);
  const std::string time = absl::FormatTime("%H:%M:%S", view.time, options.zone);
  const std::array<std::string, 3> forms = {
      absl::StrCat("outdial ", Printable(options.server), "   ", date, totals),
      absl::StrCat("outdial ", Printable(options.server), "   ", time, totals),
      absl::StrCat(time, totals)};
  const auto fitting = std::find_if(forms.begin(), forms.end(), [&](const std::string& form) {
    return DisplayWidth(form) <= options.width;
  });
  return {{fitting == forms.end() ? forms.back() : *fitting, TopStyle::kHeader}};
}

void CutAll(size_t width, std::vector<TopLine>* lines) {
  for (TopLine& line : *lines) line = CutLine(line, width);
}

}  // namespace

TopSort NextSort(TopSort sort) {
  return sort == TopSort::kEnd ? TopSort::kState : static_cast<TopSort>(static_cast<int>(sort) + 1);
}

std::string SortName(TopSort sort) {
  switch (sort) {
    case TopSort::kState:
      return "state";
    case TopSort::kName:
      return "name";
    case TopSort::kCalls:
      return "calls";
    case TopSort::kAbandoned:
      return "abandoned %";
    case TopSort::kEnd:
      return "end";
  }
  return "";
}

TopFrame MakeTopFrame(const TopView& view, const TopFrameOptions& options) {
  TopFrame frame;
  frame.head.push_back(Header(view, options));
  if (!options.trouble.empty()) {
    frame.head.push_back({{Printable(options.trouble), TopStyle::kBad}});
  }
  frame.head.emplace_back();
  AddCampaigns(view, options, &frame.body);
  AddQueues(view, options.width, &frame.body);
  AddNodes(view, options.width, &frame.body);
  CutAll(options.width, &frame.head);
  CutAll(options.width, &frame.body);
  return frame;
}

std::string PlainText(const TopFrame& frame) {
  std::string text;
  for (const auto* lines : {&frame.head, &frame.body}) {
    for (const TopLine& line : *lines) absl::StrAppend(&text, PlainText(line), "\n");
  }
  return text;
}

}  // namespace outdial::cli
