// Entries from CSV.
#pragma once

#include "cli/command_status.h"
#include "cli/csv_reader.h"
#include "cli/import_columns.h"
#include "cli/row_source.h"

namespace outdial::cli {

class CsvRows : public RowSource {
 public:
  // `in` must outlive it.
  CsvRows(std::istream* in, char delimiter) : reader_(in, delimiter), delimiter_(delimiter) {}

  // Before anything else. `maps`: as ImportColumns. kInvalid: the header is wrong.
  CommandStatus ReadHeader(const std::vector<std::string>& maps);

  bool Next(SourceRow* row, v1::Dl* dl, std::string* error) override;
  std::string RefusedHeader() const override;
  std::string RefusedLine(const SourceRow& row, const std::string& reason) const override;

 private:
  std::string Line(const std::vector<std::string>& cells) const;

  CsvReader reader_;
  const char delimiter_;
  ImportColumns columns_;
};

}  // namespace outdial::cli
