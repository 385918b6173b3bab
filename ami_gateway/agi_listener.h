// The dialplan door: FastAGI, by which a dialplan adds an entry to a dial list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/out_backend.h"

namespace outdial::ami {

// Durations are of real time.
struct AgiListenerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: any free one
  // Who may connect: the Asterisk nodes. FastAGI knows neither login nor TLS.
  std::vector<std::string> networks = {"127.0.0.0/8", "::1/128"};
  size_t max_clients = 200;
  // Of each step: reading the request, the server's answer, each variable.
  absl::Duration timeout = absl::Seconds(10);
};

// Serves
// `agi://host/out_dl_create,dlma,number1[:number2...][,name[,detail[,email[,ukey[,var=val...]]]]]`
// and sets OUTSTATUS (`SUCCESS` or `FAILED`) and OUTDETAIL (the new entry's uuid, or what is wrong)
// on the channel. Whether an entry is made never depends on who still listens: a caller who hangs
// up or a connection that is lost meanwhile leaves it made.
//
// Start, the destructor and the port belong to one thread; log lines come on the listener's own.
class AgiListener {
 public:
  // `backend` must outlive the listener.
  AgiListener(AgiListenerOptions options, OutBackend* backend, GatewayLog log);
  // Closes every connection and joins the thread.
  ~AgiListener();

  // UNAVAILABLE: the address can't be listened on. INVALID_ARGUMENT: a network is none.
  absl::Status Start();
  // After Start.
  uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outdial::ami
