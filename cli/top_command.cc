// top: campaigns, agents and nodes, live.
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/top_feed.h"
#include "cli/top_frame.h"
#include "cli/top_json.h"
#include "cli/top_model.h"
#include "cli/top_screen.h"

namespace outdial::cli {
namespace {

constexpr size_t kDefaultWidth = 100;
constexpr size_t kMinWidth = 20;
constexpr size_t kMaxWidth = 1000;
constexpr double kMinIntervalSeconds = 0.1;
constexpr double kMaxIntervalSeconds = 3600;
// How often signals and new samples are looked at while no key is pressed.
constexpr absl::Duration kTick = absl::Milliseconds(50);
// A view is called old when no answer came for so long beyond the interval.
constexpr absl::Duration kSlow = absl::Seconds(3);

CommandStatus ParseInterval(const FlagValues& flags, absl::Duration* interval) {
  double seconds = 1;
  const bool is_number =
      !flags.Has("interval") || absl::SimpleAtod(flags.Get("interval"), &seconds);
  if (!is_number || !(seconds >= kMinIntervalSeconds && seconds <= kMaxIntervalSeconds)) {
    return UsageError(absl::StrCat("--interval: '", flags.Get("interval"), "' is not ",
                                   kMinIntervalSeconds, " to ", kMaxIntervalSeconds, " seconds"));
  }
  *interval = absl::Seconds(seconds);
  return Ok();
}

// COLUMNS, where it is of use.
size_t PlainWidth(const CliIo& io) {
  const auto found = io.env.find("COLUMNS");
  size_t width = 0;
  const bool is_good = found != io.env.end() && absl::SimpleAtoi(found->second, &width) &&
                       width >= kMinWidth && width <= kMaxWidth;
  return is_good ? width : kDefaultWidth;
}

CommandStatus FetchView(const CommandContext& context, TopModel* model, TopView* view) {
  TopSample sample;
  CommandStatus status = FetchTopSample(&context.connection, &sample);
  sample.time = context.io.now();
  if (status.ok()) *view = model->Add(sample);
  return status;
}

void PrintFrame(const CommandContext& context, const TopView& view) {
  const std::string& server = context.connection.server();
  if (context.format == OutputFormat::kText) {
    context.io.out << PlainText(MakeTopFrame(
        view, {.server = server, .width = PlainWidth(context.io), .zone = context.io.zone}));
    return;
  }
  // Frames have no end, so they come one a line in json too, but for a single one.
  const bool is_document = context.format == OutputFormat::kJson && context.flags.Has("once");
  context.io.out << TopJson(view, server).dump(is_document ? 2 : -1) << std::endl;
}

CommandStatus PrintFrames(const CommandContext& context, absl::Duration interval) {
  TopModel model;
  for (;;) {
    TopView view;
    if (CommandStatus status = FetchView(context, &model, &view); !status.ok()) return status;
    PrintFrame(context, view);
    if (context.flags.Has("once") || !context.io.out.good()) return Ok();
    if (context.io.interrupt.WaitFor(interval)) return {ExitCode::kInterrupted, "interrupted", {}};
  }
}

// The screen, from the first frame to the key that ends it.
class Session {
 public:
  Session(const CommandContext& context, absl::Duration interval)
      : context_(context), interval_(interval), options_({.server = context.connection.server()}) {
    options_.zone = context.io.zone;
    options_.only_active = true;
  }

  CommandStatus Run();

 private:
  // What ends the session, or nothing.
  std::optional<CommandStatus> Answer(TopKey key);
  void Draw(const TopView& view, TopScreen* screen);
  std::string Trouble(const TopFeed::Latest& latest) const;

  const CommandContext& context_;
  const absl::Duration interval_;
  TopFrameOptions options_;
  bool must_draw_ = true;
};

CommandStatus Session::Run() {
  TopModel model;
  TopView first;
  // A server that can't be reached at all is told as by every other command.
  if (CommandStatus status = FetchView(context_, &model, &first); !status.ok()) return status;
  const std::unique_ptr<TopScreen> screen = TopScreen::Open();
  if (screen == nullptr) {
    return UsageError("the terminal's kind (TERM) is not known here; use --once");
  }
  const TopFeed feed(&context_.connection, std::move(model), std::move(first), interval_,
                     context_.io.now);
  uint64_t drawn = 0;
  for (;;) {
    const TopFeed::Latest latest = feed.latest();
    const std::string trouble = Trouble(latest);
    must_draw_ = must_draw_ || latest.number != drawn || trouble != options_.trouble;
    if (must_draw_) {
      drawn = latest.number;
      options_.trouble = trouble;
      Draw(*latest.view, screen.get());
    }
    if (auto end = Answer(screen->WaitForKey(kTick)); end.has_value()) return *end;
  }
}

std::optional<CommandStatus> Session::Answer(TopKey key) {
  const CommandStatus interrupted = {ExitCode::kInterrupted, "", {}};
  if (context_.io.interrupt.triggered()) return interrupted;
  must_draw_ = key != TopKey::kNone;
  switch (key) {
    case TopKey::kQuit:
      return Ok();
    case TopKey::kInterrupt:
      return interrupted;
    case TopKey::kSort:
      options_.sort = NextSort(options_.sort);
      break;
    case TopKey::kAll:
      options_.only_active = !options_.only_active;
      break;
    case TopKey::kNone:
    case TopKey::kRedraw:
      break;
  }
  return std::nullopt;
}

void Session::Draw(const TopView& view, TopScreen* screen) {
  options_.width = screen->width();
  screen->Draw(MakeTopFrame(view, options_),
               absl::StrCat("q quit   arrows PgUp PgDn scroll   s sort: ", SortName(options_.sort),
                            "   a ", options_.only_active ? "show" : "hide", " stopped campaigns"));
}

std::string Session::Trouble(const TopFeed::Latest& latest) const {
  const std::string since = absl::FormatTime("%H:%M:%S", latest.view->time, context_.io.zone);
  if (!latest.status.ok()) {
    return absl::StrCat("as of ", since, ", trying again: ", latest.status.message);
  }
  if (context_.io.now() - latest.view->time > interval_ + kSlow) {
    return absl::StrCat("as of ", since, ": the server has not answered since");
  }
  return "";
}

CommandStatus RunTop(const CommandContext& context) {
  absl::Duration interval;
  if (CommandStatus status = ParseInterval(context.flags, &interval); !status.ok()) return status;
  if (context.flags.Has("once") || context.format != OutputFormat::kText) {
    return PrintFrames(context, interval);
  }
  if (!context.io.is_interactive) {
    return UsageError(
        "this is not a terminal to draw on; use --once for one frame as text, or --output jsonl "
        "for frames as data");
  }
  return Session(context, interval).Run();
}

}  // namespace

Command TopCommand() {
  return {
      .noun = "top",
      .summary = "Shows campaigns, agents and nodes on the whole screen, live.",
      .flags = {{.name = "once",
                 .help = "Print one frame as plain text, COLUMNS wide or else 100, and end. With "
                         "--output json or jsonl: the same as data."},
                {.name = "interval",
                 .value = "SECONDS",
                 .help = "Time between two looks at the server, 0.1 to 3600. Default 1."}},
      .notes =
          {"Keys: q quits; arrows, PgUp, PgDn, Home and End scroll; s sorts the campaigns by "
           "state, "
           "name, calls, abandoned share or end; a shows or hides stopped campaigns.",
           "ANSWERED and ABANDONED count the people of ended calls since the campaign was made, % "
           "is the abandoned share of the answered, red above the plan's abandon target. LEFT "
           "counts the entries that can still be dialled or are being dialled, OF those of the "
           "whole list.",
           "END is an estimate: LEFT divided by the rate at which entries were finished in the "
           "last 5 minutes. How many tries an entry will still take can't be known, so the end of "
           "a "
           "list, where only those are left who don't answer, takes longer than it says. `-`: not "
           "running, nothing finished lately, or a plan that keeps the campaign running at the "
           "list's end. Answered/min is that of the last minute. Both need at least 5 seconds to "
           "look back on: a single frame (--once) has neither.",
           "With --output json or jsonl and without --once, each line is one frame, until "
           "interrupted. A server that goes away is told on the screen, and `top` goes on when it "
           "is back."},
      .run = RunTop};
}

}  // namespace outdial::cli
