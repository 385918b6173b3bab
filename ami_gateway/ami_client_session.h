// One AMI client of Outdial, from the banner on, as a step machine: login, rights, which action is
// whose, and what may go out when. No I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_classes.h"
#include "ami_gateway/ami_message.h"
#include "ami_gateway/out_actions.h"
#include "engine/now.h"

namespace outdial::ami {

// A user of standalone mode. Its classes say who may use the Out* actions (write) and see the Out*
// events (read): class `message`.
struct AmiUser {
  std::string username;
  std::string secret;
  AmiClasses read = 0;
  AmiClasses write = 0;
};

// What a session may do with Outdial's own actions and events in transparent mode.
struct OutRights {
  bool use = false;
  bool see = false;
};

struct AmiClientOptions {
  // Not empty: standalone mode, with these users and no Asterisk. Empty: transparent mode.
  std::vector<AmiUser> users;
  // Transparent mode: rights of a login of Asterisk's, once Asterisk accepted it.
  std::function<OutRights(absl::string_view username)> rights;
  // The greeting line, without its end. Empty: in transparent mode that of the node, which is
  // connected to at once; otherwise the node is connected to at the first action that needs it. In
  // standalone mode that of Asterisk 22.
  std::string banner;
  // 9 digits from a good source of randomness: the challenge of an MD5 login, standalone mode.
  std::string challenge;
  // Letters and digits from a good source of randomness, at least 16 of them and others for each
  // session: marks the fences of transparent mode, so that no client can name one.
  std::string fence_token;
  // When the server came up, for the FullyBooted of standalone mode.
  engine::MonotonicTime server_start;
  absl::Duration auth_timeout = absl::Seconds(30);
  absl::Duration refused_login_delay = absl::Seconds(1);
  // How long an Out* action waits for the node's answers to the actions before it.
  absl::Duration fence_timeout = absl::Seconds(30);
};

// An Out* action to be carried out; the session takes nothing more from its client until it is.
struct OutCall {
  const OutAction* action = nullptr;
  std::optional<std::string> action_id;
  std::unique_ptr<google::protobuf::Message> request;
};

// What a step asks for, to be done in this order.
struct AmiClientOutput {
  std::string to_client;
  std::string to_node;
  bool connect_node = false;  // answered by OnNodeConnected or OnNodeLost
  std::optional<std::string> learned_banner;
  std::optional<OutCall> call;              // answered by OnCallBytes
  std::optional<std::string> login_failed;  // username; counts against the source address
  std::optional<std::string> logged_in;     // username
  // The connection ends once to_client is written; why, for the log. Empty text: nothing worth a
  // line.
  std::optional<std::string> close;
};

class AmiClientMode;

// Belongs to one thread. After a step that asks for `close`, all that comes is ignored.
//
// Transparent mode: before login nothing of the client's own bytes reaches the node: what it may
// hear is written anew from what was parsed, so that the login that Asterisk judges is the login
// that gets the rights. After login all but Out* actions goes through byte for byte.
class AmiClientSession {
 public:
  AmiClientSession(AmiClientOptions options, const engine::Now& now);
  ~AmiClientSession();

  // Call once, first.
  AmiClientOutput Start(const engine::Now& now);
  AmiClientOutput OnClientBytes(absl::string_view bytes, const engine::Now& now);
  AmiClientOutput OnNodeConnected(const engine::Now& now);
  AmiClientOutput OnNodeBytes(absl::string_view bytes, const engine::Now& now);
  // The node can't be reached, or its connection ended.
  AmiClientOutput OnNodeLost(const engine::Now& now);
  // The next bytes, whole messages, of the call under way; `complete`: the last ones.
  AmiClientOutput OnCallBytes(absl::string_view bytes, bool complete, const engine::Now& now);
  // An Out* event, rendered; goes out if the client may see it and its mask lets it pass.
  AmiClientOutput OnOutEvent(absl::string_view bytes, const engine::Now& now);
  AmiClientOutput OnTime(const engine::Now& now);
  // When OnTime is due; infinite: never.
  engine::MonotonicTime NextDeadline() const;

  // False: leave what the client sent in its socket for now.
  bool wants_client_bytes() const;
  // Whether an Out* event would go out.
  bool wants_out_events() const;
  bool logged_in() const;
  // Of OnCallBytes and OnOutEvent, held until the message of the node that is under way ends: to be
  // counted with what waits for the client.
  size_t waiting_bytes() const;

 private:
  std::unique_ptr<AmiClientMode> mode_;
  bool closed_ = false;
};

}  // namespace outdial::ami
