// The terminal as `top` uses it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "cli/top_frame.h"

namespace outdial::cli {

enum class TopKey {
  kNone,
  kQuit,
  // Ctrl-C, which is a key here and no signal.
  kInterrupt,
  // The screen was scrolled or resized: to be drawn again.
  kRedraw,
  kSort,
  kAll,
};

// Takes the whole terminal from its making to its end, and then leaves it as it was. One at a time;
// belongs to one thread.
class TopScreen {
 public:
  // Null: the terminal is of an unknown kind.
  static std::unique_ptr<TopScreen> Open();
  ~TopScreen();
  TopScreen(const TopScreen&) = delete;
  TopScreen& operator=(const TopScreen&) = delete;

  // Columns, at least 1.
  size_t width() const;
  // The head, as much of the body as there is room for, and `help` in the last line.
  void Draw(const TopFrame& frame, const std::string& help);
  // Waits for a key, at most so long.
  TopKey WaitForKey(absl::Duration patience);

 private:
  struct Terminal;

  explicit TopScreen(std::unique_ptr<Terminal> terminal);
  void Scroll(std::ptrdiff_t lines);

  const std::unique_ptr<Terminal> terminal_;
  // First line of the body that is seen.
  size_t offset_ = 0;
  // Lines of the body, and how many of them are seen at once, as last drawn.
  size_t body_lines_ = 0;
  size_t page_lines_ = 1;
};

}  // namespace outdial::cli
