// Rows of an import that were not taken.
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "cli/command_status.h"
#include "cli/row_source.h"

namespace outdial::cli {

// Keeps the first ones for the summary and writes all to the file of --refused, in the form of the
// file that is imported: the row as it stands there, its line and the reason, so that the file can
// be put right and imported again. Belongs to one thread.
class RefusedRows {
 public:
  static constexpr size_t kMaxKept = 10;

  // `path` empty: nothing is written. `appends`: the import goes on, and so does the file. `rows`
  // must outlive it. kFailed: the file can't be written.
  CommandStatus Open(const std::string& path, bool appends, const RowSource* rows);

  void Add(const SourceRow& row, const std::string& reason);
  // Has what was added reach the file, also should this process be killed.
  void Flush();
  // kFailed: the file could not be written whole.
  CommandStatus Close();

  // `line 5: number1: must be ...`, the first kMaxKept.
  const std::vector<std::string>& first() const { return first_; }
  uint64_t count() const { return count_; }

 private:
  std::string path_;
  std::ofstream file_;
  const RowSource* rows_ = nullptr;
  std::vector<std::string> first_;
  uint64_t count_ = 0;
};

}  // namespace outdial::cli
