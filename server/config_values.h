// Values of the configuration file that several sections know.
#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "server/listen_address.h"
#include "server/yaml_map.h"

namespace outdial::server {

// Absent: it can't be read.
std::optional<std::string> ReadWholeFile(const std::string& path);

// The text of a secret from `<key>`, `<key>_file` or `<key>_env`, of which at most one may stand
// there. A trailing line end of a file does not belong to it. False: none was given, or none could
// be read, which is a problem of its own.
bool ReadSecret(YamlMap& map, const std::string& key, std::string* secret, bool* given);

// As ReadSecret, for a `secret` that must be there.
void ReadRequiredSecret(YamlMap& map, std::string* secret);

// A time such as 500ms, 15s or 168h, within the bounds, which belong to them.
void ReadDuration(YamlMap& map, const std::string& key, absl::Duration least, absl::Duration most,
                  absl::Duration* duration);

void ReadAddress(YamlMap& map, const std::string& key, std::optional<ListenAddress>* address);

}  // namespace outdial::server
