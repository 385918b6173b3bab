#include "server/config.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace outdial::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The problems that ParseConfig finds; empty: none.
std::string ProblemsOf(const std::string& text) {
  return std::string(ParseConfig(text, "outdial.yaml").status().message());
}

std::string WriteFile(const std::string& name, const std::string& text) {
  const std::string path = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(path) << text;
  return path;
}

constexpr char kWhole[] = R"(
listen: 0.0.0.0:6000
data_dir: /var/lib/outdial
asterisk:
  - name: a
    host: pbx1.example
    port: 5039
    username: outdial
    secret: plain
    tls: {ca_file: /etc/ca.pem, verify: false}
    max_calls: 60
    calls_per_second: 7.5
    answer_timeout: 4s
    ping_interval: 2500ms
    cdr_csv: /var/log/asterisk/cdr-csv/Master.csv
    ami_listen: 127.0.0.1:5041
  - name: b
    host: pbx2.example
    username: outdial
    secret: other
    plain_login: true
metrics_listen: 127.0.0.1:9100
caps:
  server: {max_calls: 200, calls_per_second: 20}
  trunk: {max_calls: 40}
  trunks:
    carrier: {calls_per_second: 9}
allowed_applications: [Queue, Echo]
allowed_contexts: [inbound]
allowed_sip_hosts: [sip.example]
tech_alias: {SIP: PJSIP}
default_tech: PJSIP
allow_local_channels: true
events: {keep_for: 24h, keep_bytes: 1048576}
results: {keep_for: 720h, keep_bytes: 2097152}
tls: {cert: c.pem, key: k.pem, client_ca: ca.pem}
auth:
  tokens:
    - token: 0123456789abcdef
log: {level: debug, format: json}
ami_listen: 127.0.0.1:5038
ami_tls_listen: "[::1]:5039"
ami_networks: [127.0.0.1, 10.0.0.0/8]
ami_access:
  - {logins: [wallboard, Reports], networks: [10.1.0.0/16], see: true}
  - {logins: dialler, use: true}
agi_listen: 127.0.0.1:4573
agi_networks: 10.2.0.1, 10.2.0.2
)";

TEST(ConfigTest, ReadsEveryKey) {
  const auto config = ParseConfig(kWhole, "outdial.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen.ToString(), "0.0.0.0:6000");
  EXPECT_EQ(config->data_dir, "/var/lib/outdial");
  ASSERT_EQ(config->nodes.size(), 2u);
  EXPECT_EQ(config->nodes[0].host, "pbx1.example");
  EXPECT_EQ(config->nodes[0].port, 5039);
  EXPECT_EQ(config->nodes[0].secret, "plain");
  EXPECT_TRUE(config->nodes[0].tls.enabled);
  EXPECT_FALSE(config->nodes[0].tls.verify);
  EXPECT_EQ(config->nodes[0].answer_timeout, absl::Seconds(4));
  EXPECT_EQ(config->nodes[0].ping_interval, absl::Milliseconds(2500));
  EXPECT_EQ(config->nodes[0].cdr_csv, "/var/log/asterisk/cdr-csv/Master.csv");
  EXPECT_EQ(config->nodes[1].answer_timeout, absl::Seconds(10));
  EXPECT_EQ(config->nodes[1].ping_interval, absl::Seconds(15));
  EXPECT_EQ(config->nodes[1].port, 5038);
  EXPECT_TRUE(config->nodes[1].plain_login);
  ASSERT_EQ(config->engine.nodes.size(), 2u);
  EXPECT_EQ(config->engine.nodes[0].name, "a");
  EXPECT_EQ(config->engine.nodes[0].cap.max_calls, 60);
  EXPECT_EQ(config->engine.nodes[0].cap.calls_per_second, 7.5);
  EXPECT_EQ(config->engine.nodes[1].cap.max_calls, 30);
  EXPECT_EQ(config->engine.server_cap.max_calls, 200);
  EXPECT_EQ(config->engine.trunk_cap.max_calls, 40);
  EXPECT_EQ(config->engine.trunk_cap.calls_per_second, 5);
  EXPECT_EQ(config->engine.trunk_caps.at("carrier").max_calls, 40);
  EXPECT_EQ(config->engine.trunk_caps.at("carrier").calls_per_second, 9);
  EXPECT_THAT(config->engine.allowed_applications, ElementsAre("Queue", "Echo"));
  EXPECT_THAT(config->engine.allowed_contexts, ElementsAre("inbound"));
  EXPECT_THAT(config->engine.allowed_sip_hosts, ElementsAre("sip.example"));
  EXPECT_EQ(config->engine.tech_alias.at("sip"), "PJSIP");
  EXPECT_TRUE(config->engine.allow_local_channels);
  EXPECT_EQ(config->keep_events_for, absl::Hours(24));
  EXPECT_EQ(config->keep_events_bytes, 1048576u);
  EXPECT_EQ(config->keep_results_for, absl::Hours(720));
  EXPECT_EQ(config->keep_results_bytes, 2097152u);
  EXPECT_EQ(config->tls.client_ca_file, "ca.pem");
  EXPECT_THAT(config->tokens, ElementsAre("0123456789abcdef"));
  EXPECT_EQ(config->log.level, engine::LogLine::Level::kDebug);
  EXPECT_EQ(config->log.format, LogOptions::Format::kJson);
}

TEST(ConfigTest, ResultsAreKeptUnlessTheirBoundsAreGiven) {
  const auto none = ParseConfig("", "outdial.yaml");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->keep_results_for, absl::InfiniteDuration());
  const auto size = ParseConfig("results: {keep_bytes: 1048576}", "outdial.yaml");
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(size->keep_results_for, absl::InfiniteDuration());
  EXPECT_EQ(size->keep_results_bytes, 1048576u);
  EXPECT_FALSE(ParseConfig("results: {keep_for: 1s}", "outdial.yaml").ok());
}

TEST(ConfigTest, ReadsEveryKeyOfTheAmiDoors) {
  const auto config = ParseConfig(kWhole, "outdial.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  const AmiConfig& ami = config->ami;
  EXPECT_EQ(ami.listen->ToString(), "127.0.0.1:5038");
  EXPECT_EQ(ami.tls_listen->ToString(), "[::1]:5039");
  ASSERT_EQ(ami.node_ports.size(), 1u);
  EXPECT_EQ(ami.node_ports[0].node, "a");
  EXPECT_EQ(ami.node_ports[0].listen.ToString(), "127.0.0.1:5041");
  EXPECT_THAT(ami.networks, ElementsAre("127.0.0.1", "10.0.0.0/8"));
  EXPECT_FALSE(ami.is_standalone());
  ASSERT_EQ(ami.access.size(), 2u);
  EXPECT_THAT(ami.access[0].logins, ElementsAre("wallboard", "Reports"));
  EXPECT_THAT(ami.access[0].networks, ElementsAre("10.1.0.0/16"));
  EXPECT_TRUE(ami.access[0].see);
  EXPECT_FALSE(ami.access[0].use);
  EXPECT_THAT(ami.access[1].logins, ElementsAre("dialler"));
  EXPECT_TRUE(ami.access[1].use);
  EXPECT_EQ(ami.agi_listen->ToString(), "127.0.0.1:4573");
  EXPECT_THAT(ami.agi_networks, ElementsAre("10.2.0.1", "10.2.0.2"));
}

TEST(ConfigTest, ReadsTheUsersOfAmi) {
  setenv("OUTDIAL_CONFIG_TEST_AMI_SECRET", "from env", 1);
  const auto config = ParseConfig(
      "ami_users:\n"
      "  - {username: ann, secret: s, read: [message], write: [message, call]}\n"
      "  - {username: bob, secret_env: OUTDIAL_CONFIG_TEST_AMI_SECRET, read: 'all', write: ''}\n"
      "  - {username: eve, secret: s, read: 'message, agent'}\n",
      "outdial.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->ami.is_standalone());
  ASSERT_EQ(config->ami.users.size(), 3u);
  EXPECT_EQ(config->ami.users[0].username, "ann");
  EXPECT_EQ(config->ami.users[0].read, ami::kAmiMessage);
  EXPECT_EQ(config->ami.users[0].write, ami::kAmiMessage | ami::kAmiCall);
  EXPECT_EQ(config->ami.users[1].secret, "from env");
  EXPECT_EQ(config->ami.users[1].read, ami::kAmiAllClasses);
  EXPECT_EQ(config->ami.users[1].write, 0u);
  EXPECT_EQ(config->ami.users[2].read, ami::kAmiMessage | ami::kAmiAgent);
}

TEST(ConfigTest, WithoutTheirKeysTheAmiDoorsAreShutAndTheirNetworksLoopback) {
  const AmiConfig ami = ParseConfig("", "outdial.yaml")->ami;
  EXPECT_FALSE(ami.is_open());
  EXPECT_FALSE(ami.agi_listen.has_value());
  EXPECT_THAT(ami.networks, ElementsAre("127.0.0.0/8", "::1/128"));
  EXPECT_EQ(ami.agi_networks, ami.networks);
}

TEST(ConfigTest, TellsAllProblemsOfTheAmiDoorsAtOnce) {
  EXPECT_EQ(ProblemsOf(R"(ami_listen: 5038
ami_networks: [10.0.0.0/8, office]
ami_users:
  - username: ann
    secret: ""
    read: [message, bogus]
  - {username: ANN, secret: s, write: cdr}
  - {secret_file: /nonexistent/file}
ami_access:
  - logins: []
    use: true
  - logins: [bob]
agi_networks: []
agi_listen: here
)"),
            "outdial.yaml:1: ami_listen: must be host:port, for example 127.0.0.1:50051 or "
            "[::1]:50051\n"
            "outdial.yaml:2: ami_networks: 'office' is no network: it must be an address, or one "
            "with a prefix length such as 192.0.2.0/24 or 2001:db8::/32\n"
            "outdial.yaml:5: ami_users[0].secret: must not be empty\n"
            "outdial.yaml:6: ami_users[0].read: `bogus` is no class; `message` gives the Out* "
            "actions and events, `all` gives everything\n"
            "outdial.yaml:7: ami_users[1].username: is used by another user; names must differ, in "
            "more than case\n"
            "outdial.yaml:8: ami_users[2].username: is required: the name that the client logs in "
            "with\n"
            "outdial.yaml:8: ami_users[2].secret_file: the file can't be read; check its path and "
            "its permissions\n"
            "outdial.yaml:10: ami_access[0].logins: is required: the logins of manager.conf that "
            "get these rights\n"
            "outdial.yaml:12: ami_access[1].use: gives no right: set `use: true` for Out* actions, "
            "`see: true` for events\n"
            "outdial.yaml:13: agi_networks: must name at least one network, such as 192.0.2.0/24\n"
            "outdial.yaml:14: agi_listen: must be host:port, for example 127.0.0.1:50051 or "
            "[::1]:50051");
}

TEST(ConfigTest, AnEmptyListOfAmiUsersDoesNotSendClientsToAnAsterisk) {
  EXPECT_THAT(ProblemsOf("ami_users: []\n"),
              HasSubstr("outdial.yaml:1: ami_users: must name a user; leave it out"));
}

// The example, its secrets moved to files of this test. `all_keys`: those that are switched off by
// a `#` directly before them are switched on.
std::string ExampleFile(bool all_keys) {
  std::ostringstream text;
  text << std::ifstream(OUTDIAL_TEST_DATA "/../../deploy/outdiald.yaml").rdbuf();
  const std::string directory = std::filesystem::path(testing::TempDir()) / "example_";
  for (const char* name : {"pbx1.secret", "token", "ami-user.secret"}) {
    std::ofstream(directory + name) << "0123456789abcdef";
  }
  std::string example = absl::StrReplaceAll(text.str(), {{"/etc/outdial/", directory}});
  if (all_keys) example = std::regex_replace(example, std::regex("#([a-z])"), "$1");
  return example;
}

TEST(ConfigTest, TakesTheExample) {
  const auto config = ParseConfig(ExampleFile(false), "outdiald.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(CheckConfig(*config), absl::OkStatus());
  EXPECT_THAT(RaisedCaps(config->engine), IsEmpty());
}

TEST(ConfigTest, TakesEveryKeyOfTheExample) {
  const auto config = ParseConfig(ExampleFile(true), "outdiald.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_TRUE(config->nodes.at(0).tls.enabled);
  EXPECT_EQ(config->tokens.size(), 1u);
  EXPECT_TRUE(config->ami.listen.has_value());
  EXPECT_TRUE(config->ami.tls_listen.has_value());
  EXPECT_TRUE(config->ami.agi_listen.has_value());
  EXPECT_EQ(config->ami.node_ports.size(), 1u);
  EXPECT_EQ(config->ami.users.size(), 1u);
  EXPECT_EQ(config->ami.access.size(), 1u);
}

TEST(ConfigTest, AnEmptyFileGivesTheDefaults) {
  const auto config = ParseConfig("", "outdial.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->listen.ToString(), "127.0.0.1:50051");
  EXPECT_EQ(config->engine.server_cap.max_calls, 1000);
}

TEST(ConfigTest, TellsAllProblemsAtOnceEachWithItsLineAndRemedy) {
  EXPECT_EQ(ProblemsOf(R"(listne: 127.0.0.1:1
listen: somewhere
asterisk:
  - name: a
    host: pbx
    port: 99999
    username: u
    secret: s
    max_calls: lots
  - name: a
    host: pbx
    username: u
caps:
  trunk: 5
log:
  level: loud
allow_local_channels: maybe
)"),
            "outdial.yaml:1: listne: is not a key of the configuration; did you mean `listen`?\n"
            "outdial.yaml:2: listen: must be host:port, for example 127.0.0.1:50051 or "
            "[::1]:50051\n"
            "outdial.yaml:6: asterisk[0].port: must be a whole number, 1 to 65535\n"
            "outdial.yaml:9: asterisk[0].max_calls: must be a whole number, 1 to 100000\n"
            "outdial.yaml:10: asterisk[1].name: is used by another node; names must differ\n"
            "outdial.yaml:10: asterisk[1].secret: is required: give secret_file, secret_env or "
            "secret\n"
            "outdial.yaml:14: caps.trunk: must be a map of `key: value`\n"
            "outdial.yaml:16: log.level: must be debug, info, warning or error\n"
            "outdial.yaml:17: allow_local_channels: must be true or false");
}

TEST(ConfigTest, NamesTheLineOfWhatIsNoYaml) {
  EXPECT_THAT(ProblemsOf("listen: x\n  bad: [1,\n"), HasSubstr("outdial.yaml:"));
  EXPECT_THAT(ProblemsOf("a: 1\n\tb: 2\n"), HasSubstr("is not YAML"));
  EXPECT_EQ(ProblemsOf("- a\n- b\n"), "outdial.yaml:1: the file: must be a map of `key: value`");
}

TEST(ConfigTest, RefusesAKeyThatIsGivenTwice) {
  EXPECT_EQ(ProblemsOf("data_dir: a\ndata_dir: b\n"),
            "outdial.yaml:2: data_dir: is given twice; keep one of them");
}

TEST(ConfigTest, TakesSecretsFromAFileOrTheEnvironment) {
  const std::string file = WriteFile("outdial_config_test_secret", "from file\n");
  setenv("OUTDIAL_CONFIG_TEST_SECRET", "from env", 1);
  const auto config = ParseConfig(
      "asterisk:\n"
      "  - {name: a, host: h, username: u, secret_file: " +
          file +
          "}\n"
          "  - {name: b, host: h, username: u, secret_env: "
          "OUTDIAL_CONFIG_TEST_SECRET}\n",
      "outdial.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->nodes[0].secret, "from file");
  EXPECT_EQ(config->nodes[1].secret, "from env");
}

TEST(ConfigTest, AuthWithoutAUsableTokenIsRefused) {
  EXPECT_THAT(ProblemsOf("auth: {tokens: []}\n"),
              HasSubstr("outdial.yaml:1: auth.tokens: is required with auth"));
  EXPECT_THAT(ProblemsOf("auth: {tokens: [{token: ''}]}\n"),
              HasSubstr("outdial.yaml:1: auth.tokens[0].token: must be at least 16"));
}

TEST(ConfigTest, SaysWhichSecretIsMissingAndNeverShowsOne) {
  const std::string problems = ProblemsOf(
      "asterisk:\n"
      "  - {name: a, host: h, username: u, secret: hunter2, secret_env: NOWHERE_TO_BE_FOUND}\n"
      "  - {name: b, host: h, username: u, secret_file: /nonexistent/file}\n"
      "  - {name: c, host: h, username: u, secret_env: NOWHERE_TO_BE_FOUND}\n"
      "auth: {tokens: [{token: short}]}\n");
  EXPECT_THAT(problems, HasSubstr("outdial.yaml:2: asterisk[0].secret: give only one of"));
  EXPECT_THAT(problems, HasSubstr("outdial.yaml:3: asterisk[1].secret_file: the file can't be"));
  EXPECT_THAT(problems, HasSubstr("outdial.yaml:4: asterisk[2].secret_env: the environment"));
  EXPECT_THAT(problems, HasSubstr("outdial.yaml:5: auth.tokens[0].token: must be at least 16"));
  EXPECT_THAT(problems, Not(HasSubstr("hunter2")));
  EXPECT_THAT(problems, Not(HasSubstr("is required")));
}

TEST(ConfigTest, AFileThatIsNotThereIsNamed) {
  const auto config = ReadConfigFile("/nonexistent/outdial.yaml");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("/nonexistent/outdial.yaml"));
}

Config Simulated() {
  Config config;
  config.simulate.enabled = true;
  return config;
}

TEST(CheckConfigTest, TakesTheDefaultsWithSimulation) {
  EXPECT_TRUE(CheckConfig(Simulated()).ok());
}

TEST(CheckConfigTest, RefusesAnOpenAddressWithoutTls) {
  Config config = Simulated();
  config.listen = {"0.0.0.0", 50051};
  config.metrics_listen = ListenAddress{"::", 9100};
  const std::string message(CheckConfig(config).message());
  EXPECT_THAT(message, HasSubstr("listen: 0.0.0.0:50051 can be reached from outside"));
  EXPECT_THAT(message, HasSubstr("metrics_listen: [::]:9100 can be reached from outside"));
  config.insecure = true;
  EXPECT_TRUE(CheckConfig(config).ok());
}

TEST(CheckConfigTest, TlsOpensTheApiAndNotTheMetrics) {
  Config config = Simulated();
  config.listen = {"0.0.0.0", 50051};
  config.tls.cert_file = "c.pem";
  EXPECT_TRUE(CheckConfig(config).ok());
  config.metrics_listen = ListenAddress{"0.0.0.0", 9100};
  EXPECT_FALSE(CheckConfig(config).ok());
}

TEST(CheckConfigTest, RefusesAnOpenAmiOrAgiAddressWithoutTls) {
  Config config = Simulated();
  config.tls.cert_file = "c.pem";
  config.ami.listen = ListenAddress{"0.0.0.0", 5038};
  config.ami.tls_listen = ListenAddress{"0.0.0.0", 5039};
  config.ami.node_ports = {{"pbx1", {"192.0.2.1", 5040}}};
  config.ami.agi_listen = ListenAddress{"::", 4573};
  EXPECT_EQ(std::string(CheckConfig(config).message()),
            "ami_listen: 0.0.0.0:5038 can be reached from outside and has no TLS: use "
            "ami_tls_listen, listen on 127.0.0.1, or give --insecure\n"
            "ami_listen of pbx1: 192.0.2.1:5040 can be reached from outside and has no TLS: "
            "listen on 127.0.0.1, or give --insecure\n"
            "agi_listen: [::]:4573 can be reached from outside and has no TLS: listen on "
            "127.0.0.1, or give --insecure");
  config.insecure = true;
  EXPECT_EQ(CheckConfig(config), absl::OkStatus());
}

TEST(CheckConfigTest, AmiAndAgiListenOnAddressesAlone) {
  Config config = Simulated();
  config.insecure = true;
  config.ami.listen = ListenAddress{"localhost", 5038};
  config.ami.node_ports = {{"pbx1", {"pbx.example", 5040}}, {"pbx2", {"fe80::1%2", 5041}}};
  config.ami.agi_listen = ListenAddress{"::1", 4573};
  EXPECT_EQ(std::string(CheckConfig(config).message()),
            "ami_listen: `localhost` is a name: give an IP address, such as 127.0.0.1\n"
            "ami_listen of pbx1: `pbx.example` is a name: give an IP address, such as 127.0.0.1");
}

TEST(CheckConfigTest, AmiWithTlsNeedsACertificate) {
  Config config = Simulated();
  config.ami.tls_listen = ListenAddress{"127.0.0.1", 5039};
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("ami_tls_listen: needs a certificate: configure `tls`"));
}

TEST(CheckConfigTest, AmiClientsLogInEitherHereOrAtAnAsterisk) {
  Config config = Simulated();
  config.ami.users = {{"ann", "s"}};
  config.ami.access = {{{"bob"}, {}, true, true}};
  config.ami.node_ports = {{"pbx1", {"127.0.0.1", 5040}}};
  const std::string message(CheckConfig(config).message());
  EXPECT_THAT(message, HasSubstr("ami_users and ami_access exclude each other: keep ami_users"));
  EXPECT_THAT(message, HasSubstr("ami_listen of pbx1: with ami_users no client gets an Asterisk"));
}

TEST(CheckConfigTest, OnlyAmiUsersOfOurOwnNeedNoAsterisk) {
  Config config;
  config.ami.listen = ListenAddress{"127.0.0.1", 5038};
  EXPECT_THAT(std::string(CheckConfig(config).message()),
              HasSubstr("AMI clients are sent to it unless ami_users names theirs"));
  config.ami.users = {{"ann", "s"}};
  EXPECT_EQ(CheckConfig(config), absl::OkStatus());
}

TEST(CheckConfigTest, WantsAnAsteriskOrASimulationAndNotBoth) {
  EXPECT_THAT(std::string(CheckConfig(Config()).message()), HasSubstr("no Asterisk is configured"));
  Config both = Simulated();
  both.nodes.emplace_back();
  EXPECT_FALSE(CheckConfig(both).ok());
}

TEST(CheckConfigTest, RealTimeIsNotHurried) {
  Config config;
  config.nodes.emplace_back();
  config.simulate.accelerate = 10;
  EXPECT_THAT(std::string(CheckConfig(config).message()), HasSubstr("--accelerate"));
}

TEST(ListenAddressTest, KnowsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1"}) {
    EXPECT_TRUE(ListenAddress::Parse(text)->is_loopback()) << text;
  }
  for (const char* text :
       {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1", "127.example.com:1"}) {
    EXPECT_FALSE(ListenAddress::Parse(text)->is_loopback()) << text;
  }
  for (const char* text : {"", "host", ":1", "::1:5", "a:-1", "a:65536", "a:b"}) {
    EXPECT_FALSE(ListenAddress::Parse(text).has_value()) << text;
  }
}

TEST(RaisedCapsTest, NamesOnlyWhatIsAboveItsDefault) {
  engine::EngineConfig engine;
  engine.nodes = {{"a", {}}};
  EXPECT_THAT(RaisedCaps(engine), IsEmpty());
  engine.nodes[0].cap.calls_per_second = 50;
  engine.trunk_caps["carrier"].max_calls = 100;
  engine.server_cap.max_calls = 10;
  EXPECT_THAT(RaisedCaps(engine),
              ElementsAre("node a: 30 calls, 50 a second (default 30 and 5)",
                          "trunk carrier: 100 calls, 5 a second (default 30 and 5)"));
}

}  // namespace
}  // namespace outdial::server
