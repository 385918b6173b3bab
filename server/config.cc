#include "server/config.h"

#include <arpa/inet.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/yaml_map.h"
#include "yaml-cpp/yaml.h"

namespace outdial::server {
namespace {

constexpr int kMaxCalls = 100000;
constexpr double kMaxCallsPerSecond = 1000;

std::optional<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The text of a secret from `<key>`, `<key>_file` or `<key>_env`, of which at most one may stand
// there. A trailing line end of a file does not belong to it. False: none was given, or none could
// be read, which is a problem of its own.
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

void ReadAddress(YamlMap& map, const std::string& key, std::optional<ListenAddress>* address) {
  std::string text;
  if (!map.Text(key, &text)) return;
  const std::optional<ListenAddress> parsed = ListenAddress::Parse(text);
  if (!parsed.has_value()) {
    return map.Problem(key, "must be host:port, for example 127.0.0.1:50051 or [::1]:50051");
  }
  *address = parsed;
}

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
  bool given = false;
  if (!ReadSecret(map, "secret", &node.secret, &given) && !given) {
    map.Problem("secret", "is required: give secret_file, secret_env or secret");
  }
  map.Bool("plain_login", &node.plain_login);
  ReadNodeTls(map, &node.tls);
  ReadCap(map, &caps.cap);
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

void ReadEvents(YamlMap& map, Config* config) {
  std::string keep_for;
  if (map.Text("keep_for", &keep_for)) {
    absl::Duration duration;
    if (absl::ParseDuration(keep_for, &duration) && duration >= absl::Minutes(1) &&
        duration <= absl::Hours(24 * 3650)) {
      config->keep_events_for = duration;
    } else {
      map.Problem("keep_for", "must be a time such as 90m or 168h, at least 1m");
    }
  }
  int64_t bytes = static_cast<int64_t>(config->keep_events_bytes);
  map.Int("keep_bytes", int64_t{1} << 20, int64_t{1} << 50, &bytes);
  config->keep_events_bytes = static_cast<uint64_t>(bytes);
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

// The AMI listener is not there yet; what is wrong with its keys is told all the same.
void ReadAmiUser(YamlMap& map) {
  std::string secret;
  bool given = false;
  std::string username;
  if (!map.Text("username", &username)) map.Problem("username", "is required");
  if (!ReadSecret(map, "secret", &secret, &given) && !given) {
    map.Problem("secret", "is required: give secret_file, secret_env or secret");
  }
  std::vector<std::string> classes;
  map.Texts("read", &classes);
  map.Texts("write", &classes);
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
  ReadAddress(top, "ami_listen", &config->ami_listen);
  top.List("ami_users", ReadAmiUser);
  engine::EngineConfig& engine = config->engine;
  top.Map("caps", [&](YamlMap& caps) { ReadCaps(caps, &engine); });
  top.Texts("allowed_applications", &engine.allowed_applications);
  top.Texts("allowed_contexts", &engine.allowed_contexts);
  top.Texts("allowed_sip_hosts", &engine.allowed_sip_hosts);
  ReadTechAlias(top, &engine);
  top.Text("default_tech", &engine.default_tech);
  top.Bool("allow_local_channels", &engine.allow_local_channels);
  top.Map("events", [&](YamlMap& events) { ReadEvents(events, config); });
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

std::string ListenAddress::ToString() const {
  return absl::StrContains(host, ':') ? absl::StrCat("[", host, "]:", port)
                                      : absl::StrCat(host, ":", port);
}

bool ListenAddress::is_loopback() const {
  // An address, not a name that looks like one: `127.example.com` may lead anywhere.
  in_addr address{};
  const bool is_ipv4 = inet_pton(AF_INET, host.c_str(), &address) == 1;
  return host == "localhost" || host == "::1" || (is_ipv4 && absl::StartsWith(host, "127."));
}

std::optional<ListenAddress> ListenAddress::Parse(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || colon == 0) return std::nullopt;
  absl::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && absl::StrContains(host, ':')) return std::nullopt;
  int port = 0;
  if (!absl::SimpleAtoi(text.substr(colon + 1), &port) || port < 0 || port > 65535) {
    return std::nullopt;
  }
  return ListenAddress{std::string(host), static_cast<uint16_t>(port)};
}

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

absl::Status CheckConfig(const Config& config) {
  std::vector<std::string> problems;
  const bool tls = !config.tls.cert_file.empty();
  if (!config.listen.is_loopback() && !tls && !config.insecure) {
    problems.push_back(absl::StrCat(
        "listen: ", config.listen.ToString(),
        " can be reached from outside: configure tls, listen on 127.0.0.1, or give --insecure"));
  }
  if (config.metrics_listen.has_value() && !config.metrics_listen->is_loopback() &&
      !config.insecure) {
    problems.push_back(absl::StrCat("metrics_listen: ", config.metrics_listen->ToString(),
                                    " can be reached from outside and has no TLS: listen on "
                                    "127.0.0.1, or give --insecure"));
  }
  if (config.ami_listen.has_value()) {
    problems.push_back("ami_listen: not available yet: leave it out");
  }
  if (config.simulate.enabled && !config.nodes.empty()) {
    problems.push_back(
        "--simulate brings its own Asterisk: leave `asterisk` out of the configuration, or "
        "--simulate off the command line");
  }
  if (!config.simulate.enabled && config.nodes.empty()) {
    problems.push_back(
        "asterisk: no Asterisk is configured: name one in the configuration (--config FILE), or "
        "start with --simulate");
  }
  if (!config.simulate.enabled && config.simulate.accelerate != 1) {
    problems.push_back("--accelerate works with --simulate only: real time can't be hurried");
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
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
