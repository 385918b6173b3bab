// The wide-character functions of ncurses are there only on demand.
#define NCURSES_WIDECHAR 1

#include "cli/top_screen.h"

#include <curses.h>
#include <langinfo.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/text_table.h"

namespace outdial::cli {
namespace {

constexpr int kCtrlC = 3;
constexpr int kCtrlL = 12;
constexpr int kCtrlZ = 26;

// Pairs of colours: the number of each, its colour on the terminal's own background.
constexpr short kGreen = 1;
constexpr short kYellow = 2;
constexpr short kRed = 3;

// ncurses takes text in the encoding of the locale. Ours is UTF-8 whatever the environment says.
void UseUtf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

void UseColours() {
  if (!has_colors() || start_color() == ERR) return;
  use_default_colors();
  init_pair(kGreen, COLOR_GREEN, -1);
  init_pair(kYellow, COLOR_YELLOW, -1);
  init_pair(kRed, COLOR_RED, -1);
}

attr_t AttributesOf(TopStyle style) {
  switch (style) {
    case TopStyle::kPlain:
      return A_NORMAL;
    case TopStyle::kHeader:
      return A_REVERSE;
    case TopStyle::kHeading:
      return A_BOLD;
    case TopStyle::kGood:
      return COLOR_PAIR(kGreen);
    case TopStyle::kWarning:
      return COLOR_PAIR(kYellow);
    case TopStyle::kBad:
      return COLOR_PAIR(kRed) | A_BOLD;
    case TopStyle::kFaint:
      return A_DIM;
  }
  return A_NORMAL;
}

// Each span begins where our widths say, so that a character that the terminal takes for wider
// than we do moves nothing behind its cell.
void DrawLine(int row, const TopLine& line) {
  size_t column = 0;
  for (const TopSpan& span : line) {
    attrset(AttributesOf(span.style));
    mvaddstr(row, static_cast<int>(column), span.text.c_str());
    column += DisplayWidth(span.text);
    // A bar over the whole screen.
    if (span.style == TopStyle::kHeader) chgat(-1, A_REVERSE, 0, nullptr);
  }
  attrset(A_NORMAL);
}

}  // namespace

struct TopScreen::Terminal {
  explicit Terminal(SCREEN* opened) : screen(opened) {}
  ~Terminal() {
    endwin();
    delscreen(screen);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  SCREEN* const screen;
};

std::unique_ptr<TopScreen> TopScreen::Open() {
  UseUtf8();
  SCREEN* screen = newterm(nullptr, stdout, stdin);
  if (screen == nullptr) return nullptr;
  auto terminal = std::make_unique<Terminal>(screen);
  // Keys that make signals would end the program without giving the terminal back.
  raw();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  curs_set(0);
  UseColours();
  return std::unique_ptr<TopScreen>(new TopScreen(std::move(terminal)));
}

TopScreen::TopScreen(std::unique_ptr<Terminal> terminal) : terminal_(std::move(terminal)) {}

TopScreen::~TopScreen() = default;

size_t TopScreen::width() const { return static_cast<size_t>(std::max(COLS, 1)); }

void TopScreen::Draw(const TopFrame& frame, const std::string& help) {
  const size_t rows = static_cast<size_t>(std::max(LINES, 1));
  const size_t taken = frame.head.size() + 1;
  page_lines_ = rows > taken ? rows - taken : 1;
  body_lines_ = frame.body.size();
  Scroll(0);
  erase();
  int row = 0;
  for (const TopLine& line : frame.head) DrawLine(row++, line);
  const size_t end = std::min(body_lines_, offset_ + page_lines_);
  for (size_t i = offset_; i < end; ++i) DrawLine(row++, frame.body[i]);
  std::string last = help;
  if (body_lines_ > page_lines_) {
    last = absl::StrCat("lines ", offset_ + 1, "-", end, " of ", body_lines_, "   ", help);
  }
  DrawLine(LINES - 1, CutLine({{last, TopStyle::kFaint}}, width()));
  refresh();
}

void TopScreen::Scroll(std::ptrdiff_t lines) {
  const auto last =
      static_cast<std::ptrdiff_t>(body_lines_ > page_lines_ ? body_lines_ - page_lines_ : 0);
  const auto wanted = static_cast<std::ptrdiff_t>(offset_) + lines;
  offset_ = static_cast<size_t>(std::clamp<std::ptrdiff_t>(wanted, 0, last));
}

TopKey TopScreen::WaitForKey(absl::Duration patience) {
  timeout(static_cast<int>(absl::ToInt64Milliseconds(patience)));
  const auto page = static_cast<std::ptrdiff_t>(page_lines_);
  const auto all = static_cast<std::ptrdiff_t>(body_lines_);
  switch (getch()) {
    case ERR:
      return TopKey::kNone;
    case 'q':
    case 'Q':
      return TopKey::kQuit;
    case kCtrlC:
      return TopKey::kInterrupt;
    case kCtrlZ:
      // ncurses gives the terminal back before the program stops, and takes it again afterwards.
      std::raise(SIGTSTP);
      return TopKey::kRedraw;
    case kCtrlL:
      clearok(curscr, TRUE);
      return TopKey::kRedraw;
    case 's':
      return TopKey::kSort;
    case 'a':
      return TopKey::kAll;
    case KEY_UP:
    case 'k':
      Scroll(-1);
      break;
    case KEY_DOWN:
    case 'j':
      Scroll(1);
      break;
    case KEY_PPAGE:
      Scroll(-page);
      break;
    case KEY_NPAGE:
    case ' ':
      Scroll(page);
      break;
    case KEY_HOME:
      Scroll(-all);
      break;
    case KEY_END:
      Scroll(all);
      break;
    case KEY_RESIZE:
      break;
    default:
      return TopKey::kNone;
  }
  return TopKey::kRedraw;
}

}  // namespace outdial::cli
