// What the columns of an import file mean.
#pragma once

#include <string>
#include <vector>

#include "cli/command_status.h"
#include "outdial/v1/dl.pb.h"

namespace outdial::cli {

// Immutable once made; any thread.
class ImportColumns {
 public:
  // `maps` are the values of --map, `column=field`; field `-` leaves the column out. kInvalid: the
  // header is wrong; every wrong column is named.
  static CommandStatus Make(const std::vector<std::string>& header,
                            const std::vector<std::string>& maps, ImportColumns* result);

  // Makes an entry of a row's cells. An empty cell leaves its field absent. Not empty: what is
  // wrong with the row.
  std::string ToDl(const std::vector<std::string>& cells, v1::Dl* dl) const;

  const std::vector<std::string>& header() const { return header_; }

 private:
  std::vector<std::string> header_;
  // Per column: a field of Dl, number1 to number8, var.NAME, or empty to leave it out.
  std::vector<std::string> fields_;
};

}  // namespace outdial::cli
