// A map of the configuration file, read key by key; every problem is noted with its line.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "yaml-cpp/yaml.h"

namespace outdial::server {

// What was found wrong, in the order of the file.
class ConfigProblems {
 public:
  explicit ConfigProblems(std::string file_name) : file_name_(std::move(file_name)) {}

  // `path`: of the key, for example `asterisk[0].port`.
  void Add(const YAML::Mark& mark, absl::string_view path, absl::string_view what);
  bool empty() const { return problems_.empty(); }
  // One line each, by line number.
  std::string ToString() const;

 private:
  std::string file_name_;
  std::multimap<int, std::string> problems_;
};

// Belongs to one thread. Reads leave `*value` as it is when the key is absent, and note a problem
// when its value is of the wrong kind or out of range. Finish notes the keys that nobody read.
class YamlMap {
 public:
  // `node`: null counts as an empty map; anything but a map is a problem.
  YamlMap(const YAML::Node& node, std::string path, ConfigProblems* problems);

  bool Has(const std::string& key) const;
  // False: absent, or not a text.
  bool Text(const std::string& key, std::string* value);
  void Bool(const std::string& key, bool* value);
  // Both ends are inclusive.
  void Int(const std::string& key, int64_t min, int64_t max, int64_t* value);
  // Above `min`, at most `max`.
  void Number(const std::string& key, double min, double max, double* value);
  void Texts(const std::string& key, std::vector<std::string>* value);
  // A list, or one text with commas between the words: `[a, b]`, `a, b`.
  void Words(const std::string& key, std::vector<std::string>* value);
  void Map(const std::string& key, const std::function<void(YamlMap&)>& read);
  // For maps whose keys are names: calls back with each.
  void EachMap(const std::function<void(const std::string& name, YamlMap&)>& read);
  void EachText(const std::function<void(const std::string& name, const std::string&)>& read);
  void List(const std::string& key, const std::function<void(YamlMap&)>& read);
  // A problem with the value of `key`, or with the whole map when it is absent.
  void Problem(const std::string& key, absl::string_view what);

  void Finish();

 private:
  struct Entry {
    YAML::Node key;
    YAML::Node value;
    bool read = false;
  };

  std::string PathOf(const std::string& key) const;
  // Null: absent.
  const Entry* Read(const std::string& key);
  // Null: absent, or noted as a problem.
  const std::string* Scalar(const std::string& key, absl::string_view wanted, std::string* storage);
  std::string ClosestUnread(const std::string& unknown) const;

  std::string path_;
  YAML::Mark mark_;
  ConfigProblems* problems_;
  std::vector<std::string> order_;
  std::map<std::string, Entry> entries_;
  // Keys that somebody asked for: what may stand here.
  std::vector<std::string> known_;
};

}  // namespace outdial::server
