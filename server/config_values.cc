#include "server/config_values.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace outdial::server {

std::optional<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool ReadSecret(YamlMap& map, const std::string& key, std::string* secret, bool* given) {
  std::string file;
  std::string variable;
  const bool direct = map.Text(key, secret);
  const bool from_file = map.Text(key + "_file", &file);
  const bool from_env = map.Text(key + "_env", &variable);
  *given = map.Has(key) || map.Has(key + "_file") || map.Has(key + "_env");
  if (direct + from_file + from_env > 1) {
    map.Problem(key, absl::StrCat("give only one of ", key, ", ", key, "_file and ", key, "_env"));
    return false;
  }
  if (from_file) {
    std::optional<std::string> text = ReadWholeFile(file);
    if (!text.has_value()) {
      map.Problem(key + "_file", "the file can't be read; check its path and its permissions");
      return false;
    }
    absl::StripTrailingAsciiWhitespace(&*text);
    *secret = *std::move(text);
  }
  if (from_env) {
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr) {
      map.Problem(key + "_env", "the environment variable is not set; set it for the server");
      return false;
    }
    *secret = value;
  }
  return direct || from_file || from_env;
}

void ReadRequiredSecret(YamlMap& map, std::string* secret) {
  bool given = false;
  if (ReadSecret(map, "secret", secret, &given)) {
    if (secret->empty()) map.Problem("secret", "must not be empty");
  } else if (!given) {
    map.Problem("secret", "is required: give secret_file, secret_env or secret");
  }
}

void ReadDuration(YamlMap& map, const std::string& key, absl::Duration least, absl::Duration most,
                  absl::Duration* duration) {
  std::string text;
  if (!map.Text(key, &text)) return;
  absl::Duration given;
  if (absl::ParseDuration(text, &given) && given >= least && given <= most) {
    *duration = given;
    return;
  }
  map.Problem(key, absl::StrCat("must be a time such as 15s or 90m, from ",
                                absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
}

void ReadAddress(YamlMap& map, const std::string& key, std::optional<ListenAddress>* address) {
  std::string text;
  if (!map.Text(key, &text)) return;
  const std::optional<ListenAddress> parsed = ListenAddress::Parse(text);
  if (!parsed.has_value()) {
    return map.Problem(key, "must be host:port, for example 127.0.0.1:50051 or [::1]:50051");
  }
  *address = parsed;
}

}  // namespace outdial::server
