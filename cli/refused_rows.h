// Rows of an import that were not taken.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "cli/command_status.h"

namespace outdial::cli {

// Keeps the first ones for the summary and writes all to the file of --refused: the row's own
// cells, its line and the reason, so that the file can be put right and imported again. Belongs to
// one thread.
class RefusedRows {
 public:
  static constexpr size_t kMaxKept = 10;

  // `path` empty: nothing is written. `appends`: the import goes on, and so does the file.
  // kFailed: it can't be written.
  CommandStatus Open(const std::string& path, bool appends, const std::vector<std::string>& header,
                     char delimiter);

  // `cells` empty: the row could not be read.
  void Add(uint64_t line, const std::vector<std::string>& cells, const std::string& reason);
  // kFailed: the file could not be written whole.
  CommandStatus Close();

  // `line 5: number1: must be ...`, the first kMaxKept.
  const std::vector<std::string>& first() const { return first_; }
  uint64_t count() const { return count_; }

 private:
  void WriteRow(const std::vector<std::string>& cells);

  std::string path_;
  std::ofstream file_;
  size_t columns_ = 0;
  char delimiter_ = ',';
  std::vector<std::string> first_;
  uint64_t count_ = 0;
};

}  // namespace outdial::cli
