// Written again after a wanted change:
// OUTDIAL_REWRITE_GOLDENS=1 cli_unit_test --gtest_filter='TopFrameTest.*'
#include "cli/top_frame.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/text_table.h"
#include "tests/cli/golden.h"
#include "tests/cli/top_samples.h"

namespace outdial::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kLongWait[] = "2 free agents in queue sales, 2 calls on their way to them";

TopView BusyView() {
  TopView view;
  view.time = absl::FromCivil(absl::CivilSecond(2026, 11, 22, 14, 3, 10), absl::UTCTimeZone());
  view.calls = 23;
  view.answered_per_minute = 34.2;
  view.campaigns = {{.uuid = "1", .name = "winter", .total = 12000},
                    {.uuid = "2",
                     .name = "Kundenzufriedenheit Süd, zweite Welle 2026",
                     .status = v1::CAMPAIGN_STATUS_START,
                     .wait_reason = v1::WAIT_REASON_NO_FREE_AGENT,
                     .wait_detail = kLongWait,
                     .calls = 12,
                     .answered = 340,
                     .abandoned = 17,
                     .abandoned_percent = 5.0,
                     .is_above_target = true,
                     .left = 1660,
                     .total = 2000,
                     .expected_end = view.time + absl::Minutes(75)},
                    {.uuid = "3",
                     .name = "お客様アンケート",
                     .status = v1::CAMPAIGN_STATUS_START,
                     .calls = 8,
                     .answered = 1,
                     .left = 120000,
                     .total = 120000,
                     .expected_end = view.time + absl::Hours(40)},
                    {.uuid = "4",
                     .name = "bell\x07",
                     .status = v1::CAMPAIGN_STATUS_PAUSE,
                     .status_detail = "paused: the destination failed 3 times in a row",
                     .calls = 3,
                     .left = 7,
                     .total = 10}};
  view.queues = {{.name = "sales",
                  .nodes = {"berlin", "hamburg"},
                  .free = 2,
                  .talking = 12,
                  .ringing = 1,
                  .wrap_up = 2,
                  .paused = 3,
                  .offline = 4,
                  .waiting = 1},
                 {.name = "support", .nodes = {"berlin"}, .talking = 5}};
  view.nodes = {NodeOf("berlin", v1::NODE_STATE_READY), NodeOf("hamburg", v1::NODE_STATE_REFUSED)};
  view.nodes[0].set_calls(23);
  view.nodes[0].set_originate_delay_ms(34.6);
  view.nodes[1].add_problems("the login was refused; give `secret` of manager.conf's [outdial]");
  return view;
}

TopFrameOptions Width(size_t width) { return {.server = "127.0.0.1:50051", .width = width}; }

std::string BusyText(const TopFrameOptions& options) {
  return PlainText(MakeTopFrame(BusyView(), options));
}

// The first span with this text, without the spaces around it.
TopStyle StyleOfText(const TopFrame& frame, const std::string& text) {
  for (const TopLine& line : frame.body) {
    for (const TopSpan& span : line) {
      if (absl::StripAsciiWhitespace(span.text) == text) return span.style;
    }
  }
  ADD_FAILURE() << text << " is not there";
  return TopStyle::kPlain;
}

TEST(TopFrameTest, Goldens) {
  for (const size_t width : {160, 100, 80, 60, 40}) {
    ExpectGolden(absl::StrCat("top_", width, ".txt"), BusyText(Width(width)));
  }
  ExpectGolden("top_empty.txt", PlainText(MakeTopFrame({}, Width(100))));
}

TEST(TopFrameTest, NoLineIsWiderThanTheScreen) {
  for (size_t width = 1; width <= 200; ++width) {
    for (const absl::string_view line : absl::StrSplit(BusyText(Width(width)), '\n')) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(TopFrameTest, StoppedCampaignsCanBeLeftOut) {
  TopFrameOptions options = Width(100);
  options.only_active = true;
  const std::string text = BusyText(options);
  EXPECT_THAT(text, Not(HasSubstr("winter")));
  EXPECT_THAT(text, HasSubstr("CAMPAIGNS  3 of 4 shown"));
}

TEST(TopFrameTest, EachSortPutsItsCampaignFirst) {
  const std::vector<std::string> first = {"Kundenzufr", "bell", "Kundenzufr", "Kundenzufr",
                                          "Kundenzufr"};
  TopSort sort = TopSort::kState;
  for (const std::string& name : first) {
    TopFrameOptions options = Width(100);
    options.sort = sort;
    const std::vector<std::string> lines = absl::StrSplit(BusyText(options), '\n');
    EXPECT_THAT(lines[2], HasSubstr(absl::StrCat("by ", SortName(sort))));
    EXPECT_THAT(lines[4], testing::StartsWith(name));
    sort = NextSort(sort);
  }
  EXPECT_EQ(sort, TopSort::kState);
}

TEST(TopFrameTest, TroubleHasALineOfItsOwnThatStaysOnTheScreen) {
  TopFrameOptions options = Width(100);
  options.trouble = "as of 14:03:10, trying again: outdiald is not reached";
  const TopFrame frame = MakeTopFrame(BusyView(), options);
  EXPECT_EQ(PlainText(frame.head[1]), options.trouble);
  EXPECT_EQ(frame.head[1][0].style, TopStyle::kBad);
}

TEST(TopFrameTest, WhatNeedsAnEyeStandsOut) {
  const TopFrame frame = MakeTopFrame(BusyView(), Width(200));
  EXPECT_EQ(StyleOfText(frame, "5.0"), TopStyle::kBad);
  EXPECT_EQ(StyleOfText(frame, "refused"), TopStyle::kBad);
  EXPECT_EQ(StyleOfText(frame, "pause"), TopStyle::kWarning);
  EXPECT_EQ(StyleOfText(frame, "start"), TopStyle::kGood);
  EXPECT_EQ(StyleOfText(frame, absl::StrCat("no free agent: ", kLongWait)), TopStyle::kPlain);
}

TEST(TopFrameTest, TimesAreThoseOfTheZone) {
  TopFrameOptions options = Width(100);
  options.zone = absl::FixedTimeZone(2 * 60 * 60);
  EXPECT_THAT(BusyText(options), HasSubstr("2026-11-22 16:03:10 +02"));
  EXPECT_THAT(BusyText(options), HasSubstr(" 17:18  "));
}

}  // namespace
}  // namespace outdial::cli
