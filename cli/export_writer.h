// Where an export goes, and in which form.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/command_table.h"

namespace outdial::cli {

// --format and --file.
std::vector<Flag> ExportFlags();
bool WantsExport(const FlagValues& flags);

// Columns of a record in CSV: its scalar fields by name, lists of eight as `number1` to `number8`,
// variables as `name=value` on lines of their own within the cell. A message inside it adds its own
// columns.
std::vector<std::string> CsvTitles(const google::protobuf::Descriptor& type);
std::vector<std::string> CsvCells(const google::protobuf::Message& record);

// Writes records as CSV or JSON lines, as they come, to a file or standard output. A file that is
// there is added to when the export goes on after a position, and else refused; the titles of CSV
// begin each file. Belongs to one thread.
class ExportWriter {
 public:
  // kUsage, kInvalid: a flag or the file is wrong. `context` must outlive it.
  CommandStatus Open(const CommandContext& context, const google::protobuf::Descriptor& type);

  // False: it can't be written, and the export is over.
  bool Add(const google::protobuf::Message& record);
  // Says on standard error how much there is and where to go on: also after an export that broke
  // off. `position`: after the last record; empty: not known.
  CommandStatus Finish(const std::string& position, CommandStatus status);

 private:
  const CommandContext* context_ = nullptr;
  std::ofstream file_;
  std::ostream* out_ = nullptr;
  bool is_csv_ = false;
  uint64_t count_ = 0;
};

}  // namespace outdial::cli
