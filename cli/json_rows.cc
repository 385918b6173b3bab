#include "cli/json_rows.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/utf8.h"

namespace outdial::cli {
namespace {

using nlohmann::ordered_json;

// Key of a refused line that is no JSON object.
constexpr char kTextKey[] = "outdial_text";

// Without what the file of refused rows added.
std::string WithoutRefusal(const std::string& text) {
  if (!absl::StrContains(text, "\"outdial_")) return text;
  ordered_json json = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return text;
  json.erase(kLineColumn);
  json.erase(kReasonColumn);
  return json.dump();
}

// Empty: it is an entry.
std::string Parse(const std::string& text, v1::Dl* dl) {
  if (!IsUtf8(text)) return "is not UTF-8; convert the file first";
  const auto status = google::protobuf::util::JsonStringToMessage(WithoutRefusal(text), dl);
  if (!status.ok()) {
    return absl::StrCat("is no JSON object of an entry: ", std::string(status.message()));
  }
  dl->clear_uuid();
  dl->clear_dlma_uuid();
  return "";
}

}  // namespace

bool JsonRows::Next(SourceRow* row, v1::Dl* dl, std::string* error) {
  TextLine line;
  do {
    if (!lines_.Next(&line)) return false;
  } while (!line.is_too_long && absl::StripAsciiWhitespace(line.text).empty());
  *row = {line.number, {}};
  if (line.is_too_long) {
    *error = absl::StrCat("is longer than ", LineReader::kMaxBytes, " bytes");
    return true;
  }
  *error = Parse(line.text, dl);
  row->cells.push_back(std::move(line.text));
  return true;
}

std::string JsonRows::RefusedLine(const SourceRow& row, const std::string& reason) const {
  ordered_json json = ordered_json::object();
  if (!row.cells.empty()) {
    json = ordered_json::parse(row.cells[0], nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) json = {{kTextKey, row.cells[0]}};
  }
  json[kLineColumn] = row.line;
  json[kReasonColumn] = reason;
  // Bytes that are no UTF-8 can't stand in JSON.
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace outdial::cli
