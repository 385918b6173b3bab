#include "tests/simulation/twin_imports.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace outdial::simulation {
namespace {

constexpr double kOften = 0.2;
constexpr double kAskedTwice = 0.3;
constexpr uint64_t kMaxRows = 20;

// A row that is the same person as `entry` by `key`, and by the other one too only where it must:
// no row is without a number.
v1::Dl TwinOf(const v1::Dl& entry, v1::DuplicateKey key, std::string name) {
  v1::Dl twin;
  twin.set_name(std::move(name));
  if (key == v1::DUPLICATE_KEY_UKEY) twin.set_ukey(entry.ukey());
  twin.add_number(entry.number(0));
  return twin;
}

}  // namespace

TwinImports::TwinImports(const Scenario* scenario, SimulatedClient* client, Violations* violations)
    : enabled_(scenario->twins),
      asks_again_(scenario->faults.any() || scenario->faults.clients),
      asks_twice_(scenario->faults.clients),
      client_(client),
      violations_(violations),
      random_(ami::SimRandom::For(scenario->seed, "twin imports", 0)) {}

void TwinImports::NoteAdded(size_t list, const std::vector<v1::Dl>& rows) {
  if (enabled_) rows_[list].insert(rows_[list].end(), rows.begin(), rows.end());
}

uint64_t TwinImports::added(size_t list) const {
  const auto known = added_.find(list);
  return known == added_.end() ? 0 : known->second;
}

std::optional<size_t> TwinImports::Due() {
  if (!enabled_ || waiting_ > 0 || rows_.empty() || !random_.Chance(kOften)) return std::nullopt;
  return std::next(rows_.begin(), static_cast<std::ptrdiff_t>(random_.Below(rows_.size())))->first;
}

void TwinImports::Import(size_t list, const std::string& dlma, const std::string& request_id,
                         int* last_person) {
  const auto question = std::make_shared<Question>();
  question->list = list;
  v1::OutDlListImportBegin& begin = question->slice.begin;
  begin.set_dlma_uuid(dlma);
  begin.set_request_id(request_id);
  begin.set_duplicates(random_.Chance(0.5) ? v1::DUPLICATE_RULE_REFUSE : v1::DUPLICATE_RULE_MERGE);
  begin.set_duplicate_key(random_.Chance(0.5) ? v1::DUPLICATE_KEY_UKEY : v1::DUPLICATE_KEY_NUMBER);
  AddRows(question.get(), last_person);
  Ask(question);
  if (asks_twice_ && random_.Chance(kAskedTwice)) Ask(question);
}

void TwinImports::AddRows(Question* question, int* last_person) {
  const std::vector<v1::Dl>& known = rows_[question->list];
  std::vector<v1::Dl>& fresh = question->fresh;
  const uint64_t count = 1 + random_.Below(kMaxRows);
  for (uint64_t row = 0; row < count; ++row) {
    v1::Dl& sent = *question->slice.batch.add_rows();
    if (random_.Chance(0.5)) {
      sent = fresh.emplace_back(DrawEntry(random_, ++*last_person));
      continue;
    }
    // An earlier row of the same import is a twin as well.
    const uint64_t i = random_.Below(known.size() + fresh.size());
    const v1::Dl& entry = i < known.size() ? known[i] : fresh[i - known.size()];
    const std::string name = absl::StrCat("twin ", random_.Below(1000));
    sent = TwinOf(entry, question->slice.begin.duplicate_key(), name);
    question->twin_rows.push_back(row);
    question->names[entry.ukey()] = name;
  }
}

void TwinImports::Ask(const std::shared_ptr<Question>& question) {
  ++waiting_;
  client_->Ask(question->slice, [this, question](const auto& result) {
    --waiting_;
    if (!result.ok()) {
      return violations_->Add("an import of twins failed: ", result.status().ToString());
    }
    CheckAnswer(*question, std::get<v1::OutDlListImportResponse>(*result));
    if (!std::exchange(question->answered, true)) Take(*question);
  });
}

void TwinImports::CheckAnswer(const Question& question, const v1::OutDlListImportResponse& answer) {
  const uint64_t twins = question.twin_rows.size();
  const uint64_t refused = question.merges() ? 0 : twins;
  const uint64_t rows = question.fresh.size() + twins;
  if (answer.next_row() != rows || answer.accepted() != rows - refused ||
      answer.refused() != refused || answer.duplicates() != twins) {
    violations_->Add("an import of ", twins, " twins among ", rows,
                     " rows was answered: ", answer.ShortDebugString());
  }
  std::vector<uint64_t> told;
  for (const v1::RefusedRow& row : answer.refused_rows()) told.push_back(row.row());
  // Whoever asks again is told of the figures alone.
  if (told.empty() && (refused == 0 || asks_again_)) return;
  if (refused == 0 || told != question.twin_rows) {
    violations_->Add("an import of twins refused other rows: ", answer.ShortDebugString());
  }
}

void TwinImports::Take(const Question& question) {
  NoteAdded(question.list, question.fresh);
  added_[question.list] += question.fresh.size();
  if (!question.merges()) {
    refused_ += question.twin_rows.size();
    return;
  }
  merged_ += question.twin_rows.size();
  for (const auto& [ukey, name] : question.names) names_[question.list][ukey] = name;
}

void TwinImports::Check(size_t list, const std::vector<v1::Dl>& shown) const {
  const auto rows = rows_.find(list);
  if (rows == rows_.end()) return;
  std::map<std::string, std::string> expected;
  for (const v1::Dl& row : rows->second) expected[row.ukey()] = row.name();
  if (const auto merged = names_.find(list); merged != names_.end()) {
    for (const auto& [ukey, name] : merged->second) expected[ukey] = name;
  }
  for (const v1::Dl& dl : shown) {
    const auto person = expected.find(dl.ukey());
    if (person == expected.end()) continue;  // made by other means
    if (person->second != dl.name()) {
      violations_->Add("entry ", dl.uuid(), " has the name ", dl.name(), " instead of ",
                       person->second);
    }
    expected.erase(person);
  }
  for (const auto& [ukey, name] : expected) {
    violations_->Add("nobody in list ", list, " is ", ukey, ", whom an import added");
  }
}

}  // namespace outdial::simulation
