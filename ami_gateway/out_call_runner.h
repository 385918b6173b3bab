// Carries out one Out* action.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>

#include "ami_gateway/ami_client_session.h"
#include "ami_gateway/ami_gateway.h"
#include "ami_gateway/out_backend.h"

namespace outdial::ami {

// What calls run with.
struct OutCallEnvironment {
  OutBackend* backend = nullptr;
  // The listener's thread. Weak: the answer to a change may come when the listener is gone.
  std::weak_ptr<boost::asio::io_context> io;
  boost::asio::thread_pool* store_pool = nullptr;  // where the store is read
  GatewayLog log;
};

// Belongs to the listener's thread.
class OutCallRunner {
 public:
  // The next bytes of the answer, whole messages; `complete`: the last ones.
  using Sink = std::function<void(const std::string& bytes, bool complete)>;

  // Nothing comes to `sink` once the runner is destroyed.
  OutCallRunner(const OutCallEnvironment& environment, OutCall call, Sink sink);
  ~OutCallRunner();
  OutCallRunner(const OutCallRunner&) = delete;
  OutCallRunner& operator=(const OutCallRunner&) = delete;

  // Asks for the next bytes, which then come exactly once, later, on the listener's thread. To be
  // called first, and again after bytes that were not the last: a list is read no faster than its
  // client takes it.
  void Next();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace outdial::ami
