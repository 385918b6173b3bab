#include "cli/import_columns.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/row_source.h"
#include "cli/text_table.h"
#include "cli/utf8.h"

namespace outdial::cli {
namespace {

constexpr char kVariablePrefix[] = "var.";
constexpr char kNumberPrefix[] = "number";
constexpr char kAllowed[] =
    "allowed are: name, detail, ukey, udata, number or number1 to number8, email, not_before, and "
    "var.NAME for a variable";

bool IsNumberField(absl::string_view field) {
  return field.size() == 7 && absl::StartsWith(field, kNumberPrefix) && field[6] >= '1' &&
         field[6] <= '8';
}

bool IsField(absl::string_view field) {
  static const auto& fields =
      *new std::set<std::string>{"name", "detail", "ukey", "udata", "email", "not_before"};
  const bool is_variable = absl::StartsWith(field, kVariablePrefix) && field.size() > 4;
  return is_variable || IsNumberField(field) || fields.count(std::string(field)) > 0;
}

CommandStatus ParseMaps(const std::vector<std::string>& maps,
                        std::map<std::string, std::string>* result) {
  for (const std::string& text : maps) {
    const size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return UsageError(absl::StrCat("--map: '", text, "' is not column=field"));
    }
    (*result)[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return Ok();
}

CommandStatus WrongHeader(std::vector<std::string> details) {
  details.push_back(kAllowed);
  details.push_back("--map COLUMN=FIELD says what a column is, --map COLUMN=- leaves it out");
  return {ExitCode::kInvalid, "the header line does not name columns of a dial list",
          std::move(details)};
}

}  // namespace

CommandStatus ImportColumns::Make(const std::vector<std::string>& header,
                                  const std::vector<std::string>& maps, ImportColumns* result) {
  std::map<std::string, std::string> mapped;
  if (CommandStatus status = ParseMaps(maps, &mapped); !status.ok()) return status;
  result->header_ = header;
  result->fields_.clear();
  std::vector<std::string> wrong;
  std::set<std::string> seen;
  bool has_number = false;
  for (const std::string& column : header) {
    std::string field = column;
    if (const auto found = mapped.find(column); found != mapped.end()) {
      field = found->second;
      mapped.erase(found);
    }
    if (field == kNumberPrefix) field = "number1";
    if (field == "-" || field == kLineColumn || field == kReasonColumn) field.clear();
    if (!field.empty() && !IsField(field)) {
      wrong.push_back(absl::StrCat("'", Printable(field), "' is not a field"));
    } else if (!field.empty() && !seen.insert(field).second) {
      wrong.push_back(absl::StrCat("'", Printable(field), "' is there twice"));
    }
    has_number = has_number || IsNumberField(field);
    result->fields_.push_back(field);
  }
  for (const auto& [column, field] : mapped) {
    wrong.push_back(absl::StrCat("--map names column '", column, "', which is not there"));
  }
  if (!has_number) wrong.push_back("there is no column for a number");
  if (header.size() == 1 && absl::StrContains(header[0], ";")) {
    wrong.push_back("the columns seem to be separated by ';': try --delimiter ';'");
  }
  return wrong.empty() ? Ok() : WrongHeader(std::move(wrong));
}

std::string ImportColumns::ToDl(const std::vector<std::string>& cells, v1::Dl* dl) const {
  if (cells.size() != fields_.size()) {
    return absl::StrCat("has ", cells.size(), " cells, and the header has ", fields_.size(),
                        " columns");
  }
  const auto* reflection = dl->GetReflection();
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string& field = fields_[i];
    if (field.empty() || cells[i].empty()) continue;
    if (!IsUtf8(cells[i])) return absl::StrCat(field, ": is not UTF-8; convert the file first");
    if (IsNumberField(field)) {
      const int slot = field[6] - '0';
      while (dl->number_size() < slot) dl->add_number("");
      dl->set_number(slot - 1, cells[i]);
    } else if (absl::StartsWith(field, kVariablePrefix)) {
      v1::Variable* variable = dl->add_variables();
      variable->set_name(std::string(absl::StripPrefix(field, kVariablePrefix)));
      variable->set_value(cells[i]);
    } else {
      reflection->SetString(dl, v1::Dl::descriptor()->FindFieldByName(field), cells[i]);
    }
  }
  return "";
}

}  // namespace outdial::cli
