#include "server/yaml_map.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace outdial::server {

void ConfigProblems::Add(const YAML::Mark& mark, absl::string_view path, absl::string_view what) {
  problems_.emplace(mark.line,
                    absl::StrCat(file_name_, ":", mark.line + 1, ": ", path, ": ", what));
}

std::string ConfigProblems::ToString() const {
  return absl::StrJoin(problems_, "\n", [](std::string* out, const auto& problem) {
    absl::StrAppend(out, problem.second);
  });
}

YamlMap::YamlMap(const YAML::Node& node, std::string path, ConfigProblems* problems)
    : path_(std::move(path)), mark_(node.Mark()), problems_(problems) {
  if (node.IsNull()) return;
  if (!node.IsMap()) {
    problems_->Add(mark_, path_.empty() ? "the file" : path_, "must be a map of `key: value`");
    return;
  }
  for (const auto& pair : node) {
    if (!pair.first.IsScalar()) {
      problems_->Add(pair.first.Mark(), path_, "a key must be a word");
      continue;
    }
    const std::string& key = pair.first.Scalar();
    if (!entries_.emplace(key, Entry{pair.first, pair.second, false}).second) {
      problems_->Add(pair.first.Mark(), PathOf(key), "is given twice; keep one of them");
      continue;
    }
    order_.push_back(key);
  }
}

bool YamlMap::Has(const std::string& key) const { return entries_.count(key) > 0; }

bool YamlMap::Text(const std::string& key, std::string* value) {
  std::string storage;
  const std::string* text = Scalar(key, "must be a text", &storage);
  if (text == nullptr) return false;
  *value = *text;
  return true;
}

void YamlMap::Bool(const std::string& key, bool* value) {
  std::string storage;
  const std::string* text = Scalar(key, "must be true or false", &storage);
  if (text == nullptr) return;
  if (*text != "true" && *text != "false") return Problem(key, "must be true or false");
  *value = *text == "true";
}

void YamlMap::Int(const std::string& key, int64_t min, int64_t max, int64_t* value) {
  const std::string wanted = absl::StrCat("must be a whole number, ", min, " to ", max);
  std::string storage;
  const std::string* text = Scalar(key, wanted, &storage);
  if (text == nullptr) return;
  int64_t number = 0;
  if (!absl::SimpleAtoi(*text, &number) || number < min || number > max) {
    return Problem(key, wanted);
  }
  *value = number;
}

void YamlMap::Number(const std::string& key, double min, double max, double* value) {
  const std::string wanted = absl::StrCat("must be a number above ", min, ", at most ", max);
  std::string storage;
  const std::string* text = Scalar(key, wanted, &storage);
  if (text == nullptr) return;
  double number = 0;
  if (!absl::SimpleAtod(*text, &number) || !(number > min) || number > max) {
    return Problem(key, wanted);
  }
  *value = number;
}

void YamlMap::Texts(const std::string& key, std::vector<std::string>* value) {
  const Entry* entry = Read(key);
  if (entry == nullptr) return;
  if (!entry->value.IsSequence()) return Problem(key, "must be a list, such as [a, b]");
  std::vector<std::string> texts;
  for (const YAML::Node& item : entry->value) {
    if (!item.IsScalar()) return Problem(key, "must be a list of texts, such as [a, b]");
    texts.push_back(item.Scalar());
  }
  *value = std::move(texts);
}

void YamlMap::Words(const std::string& key, std::vector<std::string>* value) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || !found->second.value.IsScalar()) return Texts(key, value);
  std::string text;
  if (!Text(key, &text)) return;
  value->clear();
  for (absl::string_view word : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    value->emplace_back(absl::StripAsciiWhitespace(word));
  }
}

void YamlMap::Map(const std::string& key, const std::function<void(YamlMap&)>& read) {
  const Entry* entry = Read(key);
  if (entry == nullptr) return;
  YamlMap map(entry->value, PathOf(key), problems_);
  read(map);
  map.Finish();
}

void YamlMap::EachMap(const std::function<void(const std::string&, YamlMap&)>& read) {
  for (const std::string& key : order_) {
    Map(key, [&](YamlMap& map) { read(key, map); });
  }
}

void YamlMap::EachText(const std::function<void(const std::string&, const std::string&)>& read) {
  for (const std::string& key : order_) {
    std::string value;
    if (Text(key, &value)) read(key, value);
  }
}

void YamlMap::List(const std::string& key, const std::function<void(YamlMap&)>& read) {
  const Entry* entry = Read(key);
  if (entry == nullptr) return;
  if (!entry->value.IsSequence()) return Problem(key, "must be a list");
  int index = 0;
  for (const YAML::Node& item : entry->value) {
    YamlMap map(item, absl::StrCat(PathOf(key), "[", index++, "]"), problems_);
    read(map);
    map.Finish();
  }
}

void YamlMap::Problem(const std::string& key, absl::string_view what) {
  const auto found = entries_.find(key);
  problems_->Add(found == entries_.end() ? mark_ : found->second.key.Mark(), PathOf(key), what);
}

void YamlMap::Finish() {
  for (const std::string& key : order_) {
    if (entries_.at(key).read) continue;
    Problem(key, absl::StrCat("is not a key of the configuration", ClosestUnread(key)));
  }
}

std::string YamlMap::PathOf(const std::string& key) const {
  return path_.empty() ? key : absl::StrCat(path_, ".", key);
}

const YamlMap::Entry* YamlMap::Read(const std::string& key) {
  known_.push_back(key);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  found->second.read = true;
  return &found->second;
}

const std::string* YamlMap::Scalar(const std::string& key, absl::string_view wanted,
                                   std::string* storage) {
  const Entry* entry = Read(key);
  if (entry == nullptr) return nullptr;
  if (!entry->value.IsScalar()) {
    Problem(key, wanted);
    return nullptr;
  }
  *storage = entry->value.Scalar();
  return storage;
}

namespace {

// Least number of letters to change, add or leave out to turn one word into the other.
size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string YamlMap::ClosestUnread(const std::string& unknown) const {
  if (known_.empty()) return "";
  const auto closest =
      std::min_element(known_.begin(), known_.end(), [&](const auto& a, const auto& b) {
        return EditDistance(unknown, a) < EditDistance(unknown, b);
      });
  if (EditDistance(unknown, *closest) > 3) {
    return absl::StrCat("; known here are: ", absl::StrJoin(known_, ", "));
  }
  return absl::StrCat("; did you mean `", *closest, "`?");
}

}  // namespace outdial::server
