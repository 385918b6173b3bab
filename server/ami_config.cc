#include "server/ami_config.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/networks.h"
#include "server/config_values.h"

namespace outdial::server {
namespace {

// Words that AMI knows as classes; an unknown one, which Asterisk would pass over, is a problem.
void ReadClasses(YamlMap& map, const std::string& key, ami::AmiClasses* classes) {
  std::vector<std::string> words;
  map.Words(key, &words);
  for (const std::string& word : words) {
    const ami::AmiClasses one = ami::ParseAmiClasses(word);
    *classes |= one;
    if (one != 0) continue;
    map.Problem(key, absl::StrCat("`", word,
                                  "` is no class; `message` gives the Out* actions and "
                                  "events, `all` gives everything"));
  }
}

void ReadNetworks(YamlMap& map, const std::string& key, std::vector<std::string>* networks) {
  map.Words(key, networks);
  if (map.Has(key) && networks->empty()) {
    map.Problem(key, "must name at least one network, such as 192.0.2.0/24");
  }
  for (const std::string& network : *networks) {
    const absl::Status parsed = ami::Networks::Parse({network}).status();
    if (!parsed.ok()) map.Problem(key, parsed.message());
  }
}

void ReadUser(YamlMap& map, std::set<std::string>* names, AmiConfig* ami) {
  ami::AmiUser user;
  if (!map.Text("username", &user.username) || user.username.empty()) {
    map.Problem("username", "is required: the name that the client logs in with");
  } else if (!names->insert(absl::AsciiStrToLower(user.username)).second) {
    map.Problem("username", "is used by another user; names must differ, in more than case");
  }
  ReadRequiredSecret(map, &user.secret);
  ReadClasses(map, "read", &user.read);
  ReadClasses(map, "write", &user.write);
  ami->users.push_back(std::move(user));
}

void ReadAccess(YamlMap& map, AmiConfig* ami) {
  ami::AmiAccess access;
  map.Words("logins", &access.logins);
  if (access.logins.empty()) {
    map.Problem("logins", "is required: the logins of manager.conf that get these rights");
  }
  ReadNetworks(map, "networks", &access.networks);
  map.Bool("use", &access.use);
  map.Bool("see", &access.see);
  if (!access.use && !access.see) {
    map.Problem("use", "gives no right: set `use: true` for Out* actions, `see: true` for events");
  }
  ami->access.push_back(std::move(access));
}

}  // namespace

void ReadAmi(YamlMap& top, AmiConfig* ami) {
  ReadAddress(top, "ami_listen", &ami->listen);
  ReadAddress(top, "ami_tls_listen", &ami->tls_listen);
  ReadNetworks(top, "ami_networks", &ami->networks);
  std::set<std::string> names;
  top.List("ami_users", [&](YamlMap& user) { ReadUser(user, &names, ami); });
  if (top.Has("ami_users") && ami->users.empty()) {
    // Without users, clients would be sent to an Asterisk: not what somebody expects who wrote it.
    top.Problem("ami_users", "must name a user; leave it out where clients log in at an Asterisk");
  }
  top.List("ami_access", [&](YamlMap& access) { ReadAccess(access, ami); });
  ReadAddress(top, "agi_listen", &ami->agi_listen);
  ReadNetworks(top, "agi_networks", &ami->agi_networks);
}

void ReadNodeAmi(YamlMap& node, const std::string& name, AmiConfig* ami) {
  std::optional<ListenAddress> listen;
  ReadAddress(node, "ami_listen", &listen);
  if (listen.has_value()) ami->node_ports.push_back({name, *std::move(listen)});
}

}  // namespace outdial::server
