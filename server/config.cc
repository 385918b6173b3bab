#include "server/config.h"

#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/config_values.h"
#include "server/yaml_map.h"
#include "yaml-cpp/yaml.h"

namespace outdial::server {
namespace {

constexpr int kMaxCalls = 100000;
constexpr double kMaxCallsPerSecond = 1000;

void ReadCap(YamlMap& map, engine::Cap* cap) {
  int64_t max_calls = cap->max_calls;
  map.Int("max_calls", 1, kMaxCalls, &max_calls);
  cap->max_calls = static_cast<int>(max_calls);
  map.Number("calls_per_second", 0, kMaxCallsPerSecond, &cap->calls_per_second);
}

void ReadNodeTls(YamlMap& map, ami::TlsOptions* tls) {
  map.Map("tls", [&](YamlMap& section) {
    tls->enabled = true;
    section.Bool("enabled", &tls->enabled);
    section.Text("ca_file", &tls->ca_file);
    section.Bool("verify", &tls->verify);
  });
}

void ReadNode(YamlMap& map, std::set<std::string>* names, Config* config) {
  ami::NodeAddress node;
  engine::NodeConfig caps;
  if (!map.Text("name", &node.name) || node.name.empty()) {
    map.Problem("name", "is required: a short name of your choice for this Asterisk");
  } else if (!names->insert(node.name).second) {
    map.Problem("name", "is used by another node; names must differ");
  }
  if (!map.Text("host", &node.host) || node.host.empty()) {
    map.Problem("host", "is required: host name or address of its manager interface");
  }
  int64_t port = node.port;
  map.Int("port", 1, 65535, &port);
  node.port = static_cast<uint16_t>(port);
  if (!map.Text("username", &node.username) || node.username.empty()) {
    map.Problem("username", "is required: the section of this login in manager.conf");
  }
  ReadRequiredSecret(map, &node.secret);
  map.Bool("plain_login", &node.plain_login);
  map.Text("cdr_csv", &node.cdr_csv);
  ReadDuration(map, "answer_timeout", absl::Seconds(1), absl::Minutes(5), &node.answer_timeout);
  ReadDuration(map, "ping_interval", absl::Seconds(1), absl::Minutes(5), &node.ping_interval);
  ReadNodeTls(map, &node.tls);
  ReadCap(map, &caps.cap);
  ReadNodeAmi(map, node.name, &config->ami);
  caps.name = node.name;
  config->nodes.push_back(std::move(node));
  config->engine.nodes.push_back(std::move(caps));
}

void ReadCaps(YamlMap& map, engine::EngineConfig* engine) {
  map.Map("server", [&](YamlMap& cap) { ReadCap(cap, &engine->server_cap); });
  map.Map("trunk", [&](YamlMap& cap) { ReadCap(cap, &engine->trunk_cap); });
  map.Map("trunks", [&](YamlMap& trunks) {
    trunks.EachMap([&](const std::string& name, YamlMap& cap) {
      // What a trunk of its own does not say is as for every other.
      engine::Cap& own = engine->trunk_caps.emplace(name, engine->trunk_cap).first->second;
      ReadCap(cap, &own);
    });
  });
}

void ReadTechAlias(YamlMap& map, engine::EngineConfig* engine) {
  map.Map("tech_alias", [&](YamlMap& aliases) {
    engine->tech_alias.clear();
    aliases.EachText([&](const std::string& tech, const std::string& instead) {
      engine->tech_alias.emplace(absl::AsciiStrToLower(tech), instead);
    });
  });
}

// How long and how much of a log is kept; what is not given stays as it is.
void ReadBounds(YamlMap& map, absl::Duration* keep_for, uint64_t* keep_bytes) {
  ReadDuration(map, "keep_for", absl::Minutes(1), absl::Hours(24 * 3650), keep_for);
  int64_t bytes = 0;
  map.Int("keep_bytes", int64_t{1} << 20, int64_t{1} << 50, &bytes);
  if (bytes > 0) *keep_bytes = static_cast<uint64_t>(bytes);
}

void ReadServerTls(YamlMap& map, ServerTls* tls) {
  if (!map.Text("cert", &tls->cert_file)) {
    map.Problem("cert", "is required with tls: the file of the certificate chain, PEM");
  }
  if (!map.Text("key", &tls->key_file)) {
    map.Problem("key", "is required with tls: the file of the private key, PEM");
  }
  map.Text("client_ca", &tls->client_ca_file);
}

void ReadAuth(YamlMap& map, Config* config) {
  // A list that yields no token would switch the check off, so an empty one is a problem too.
  size_t entries = 0;
  map.List("tokens", [&](YamlMap& entry) {
    ++entries;
    std::string token;
    bool given = false;
    if (!ReadSecret(entry, "token", &token, &given)) {
      if (!given) entry.Problem("token", "is required: give token_file, token_env or token");
    } else if (token.size() < 16) {
      entry.Problem("token", "must be at least 16 characters long");
    } else {
      config->tokens.push_back(std::move(token));
    }
  });
  if (entries == 0) map.Problem("tokens", "is required with auth: a list of tokens");
}

void ReadLog(YamlMap& map, LogOptions* log) {
  std::string text;
  if (map.Text("level", &text)) {
    const auto level = ParseLogLevel(text);
    if (level.has_value()) {
      log->level = *level;
    } else {
      map.Problem("level", "must be debug, info, warning or error");
    }
  }
  if (map.Text("format", &text)) {
    if (text != "text" && text != "json") return map.Problem("format", "must be text or json");
    log->format = text == "json" ? LogOptions::Format::kJson : LogOptions::Format::kText;
  }
}

void ReadTop(YamlMap& top, Config* config) {
  std::optional<ListenAddress> listen = config->listen;
  ReadAddress(top, "listen", &listen);
  config->listen = *listen;
  if (top.Text("data_dir", &config->data_dir) && config->data_dir.empty()) {
    top.Problem("data_dir", "must be the path of a directory");
  }
  std::set<std::string> names;
  top.List("asterisk", [&](YamlMap& node) { ReadNode(node, &names, config); });
  ReadAddress(top, "metrics_listen", &config->metrics_listen);
  ReadAmi(top, &config->ami);
  engine::EngineConfig& engine = config->engine;
  top.Map("caps", [&](YamlMap& caps) { ReadCaps(caps, &engine); });
  top.Texts("allowed_applications", &engine.allowed_applications);
  top.Texts("allowed_contexts", &engine.allowed_contexts);
  top.Texts("allowed_sip_hosts", &engine.allowed_sip_hosts);
  ReadTechAlias(top, &engine);
  top.Text("default_tech", &engine.default_tech);
  top.Bool("allow_local_channels", &engine.allow_local_channels);
  top.Map("events", [&](YamlMap& events) {
    ReadBounds(events, &config->keep_events_for, &config->keep_events_bytes);
  });
  top.Map("results", [&](YamlMap& results) {
    ReadBounds(results, &config->keep_results_for, &config->keep_results_bytes);
  });
  top.Map("tls", [&](YamlMap& tls) { ReadServerTls(tls, &config->tls); });
  top.Map("auth", [&](YamlMap& auth) { ReadAuth(auth, config); });
  top.Map("log", [&](YamlMap& log) { ReadLog(log, &config->log); });
  top.Finish();
}

void AppendIfRaised(absl::string_view what, const engine::Cap& cap, const engine::Cap& usual,
                    std::vector<std::string>* raised) {
  if (cap.max_calls <= usual.max_calls && cap.calls_per_second <= usual.calls_per_second) return;
  raised->push_back(absl::StrCat(what, ": ", cap.max_calls, " calls, ", cap.calls_per_second,
                                 " a second (default ", usual.max_calls, " and ",
                                 usual.calls_per_second, ")"));
}

}  // namespace

absl::StatusOr<Config> ParseConfig(absl::string_view text, const std::string& name) {
  Config config;
  ConfigProblems problems(name);
  // yaml-cpp tells errors by exceptions; they go no further than this.
  try {
    YamlMap top(YAML::Load(std::string(text)), "", &problems);
    ReadTop(top, &config);
  } catch (const YAML::Exception& error) {
    problems.Add(error.mark, "the file", absl::StrCat("is not YAML: ", error.msg));
  }
  if (!problems.empty()) return absl::InvalidArgumentError(problems.ToString());
  return config;
}

absl::StatusOr<Config> ReadConfigFile(const std::string& path) {
  const std::optional<std::string> text = ReadWholeFile(path);
  if (!text.has_value()) {
    return absl::NotFoundError(absl::StrCat(
        path, ": the configuration file can't be read; check its path and its permissions"));
  }
  return ParseConfig(*text, path);
}

std::vector<std::string> RaisedCaps(const engine::EngineConfig& engine) {
  const engine::EngineConfig usual;
  std::vector<std::string> raised;
  AppendIfRaised("server", engine.server_cap, usual.server_cap, &raised);
  for (const engine::NodeConfig& node : engine.nodes) {
    AppendIfRaised(absl::StrCat("node ", node.name), node.cap, engine::Cap(), &raised);
  }
  AppendIfRaised("each trunk", engine.trunk_cap, usual.trunk_cap, &raised);
  for (const auto& [name, cap] : engine.trunk_caps) {
    AppendIfRaised(absl::StrCat("trunk ", name), cap, usual.trunk_cap, &raised);
  }
  return raised;
}

}  // namespace outdial::server
